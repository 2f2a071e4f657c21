import type { World } from "../../src/lab/world.ts";
import { add, answerLike, azureDns, point, publicDns, remove, resource, set } from "./edit.ts";
import { close, doors, type Door } from "./edit-dependencies.ts";
import { deploymentFails } from "./edit-deployment.ts";
import { addNameRule, modelCalls, setRule } from "./edit-managed-network.ts";
import { project } from "./edit-workspace.ts";
import { forbid, loseNodes, throughFirewall } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

/** The zones are linked to the hub alone, whose server asks Azure DNS from there; the spoke's own answers are public. */
function linkHubAlone(world: World): void {
  remove(world, "/virtualNetworkLinks/link-spoke");
  answerLike(world, azureDns, publicDns);
}

/** The resource behind a door may not be read; its private endpoint may. */
function lock(world: World, door: Door): void {
  const { id, type } = resource(world, door.target) as unknown as { id: string; type: string };
  for (const read of ["read", "privateEndpointConnections/read"])
    world.arm.denied.push({ action: `${type}/${read}`, scope: id });
}

/** A private endpoint of another network leads to the vault too; nothing takes a connection from here to there. */
function otherNetworksVault(world: World): void {
  const rename = <T>(one: T): T =>
    JSON.parse(
      JSON.stringify(one)
        .replaceAll("pe-kv", "pe-kv-bi")
        .replaceAll("10.1.0.12", "10.9.0.12")
        .replaceAll("vnet-spoke", "vnet-bi"),
    ) as T;
  const own = world.arm.resources.filter(({ id }) =>
    /\/(?:privateEndpoints\/pe-kv|networkInterfaces\/pe-kv[^/]*)$/.test(id),
  );
  world.arm.resources.push(...own.map(rename));
  const { properties } = resource(world, doors.vault.target);
  const [first] = properties.privateEndpointConnections as { id: string }[];
  if (first) (properties.privateEndpointConnections as unknown[]).push({ ...rename(first), id: `${first.id}-bi` });
}

const curated = "curated";

/** The model calls an account whose managed private endpoint nobody has approved. */
function waitForCurated(world: World): void {
  const account = structuredClone(resource(world, "/storageAccounts/stmlprod"));
  const id = account.id.replace("stmlprod", curated);
  const { id: spaceId } = resource(world, "/workspaces/mlprod");
  const connection = {
    id: `${id}/privateEndpointConnections/${curated}.1`,
    properties: {
      privateEndpoint: {
        id: `/subscriptions/00000000-0000-4000-8000-0000000000a2/resourceGroups/vnet-rg-11112222-3333-4444-8555-666677778888/providers/Microsoft.Network/privateEndpoints/${curated}`,
      },
      privateLinkServiceConnectionState: { status: "Pending" },
    },
  };
  const text = JSON.stringify(account).replaceAll("stmlprod", curated);
  const other = JSON.parse(text) as typeof account;
  other.properties.privateEndpointConnections = [connection];
  world.arm.resources.push(other as never);
  const store = structuredClone(resource(world, "/datastores/workspaceblobstore"));
  world.arm.resources.push({
    ...store,
    id: `${spaceId}/datastores/${curated}`,
    name: curated,
    properties: { ...store.properties, accountName: curated, isDefault: false },
  } as never);
  const destination = { serviceResourceId: id, subresourceTarget: "blob" };
  const properties = { type: "PrivateEndpoint", destination, status: "Inactive", category: "UserDefined" };
  const type = "Microsoft.MachineLearningServices/workspaces/outboundRules";
  add(world, { id: `${spaceId}/outboundRules/${curated}`, name: curated, type, properties });
  setRule(world, curated, properties);
  modelCalls(world, `${curated}.blob.core.windows.net`);
}

/** A project that says nothing of the network that its hub has. */
function projectOfNetwork(world: World): void {
  project(world);
  set(world, "/workspaces/mlprod", { managedNetwork: { isolationMode: "Disabled" } });
}

/** Estates that are set up otherwise than most and rightly so, and faults that stand behind what may not be read. */
export const oddEstateVariations: readonly Variation[] = [
  {
    story: "the zones are linked to the hub alone, and the hub's server answers with the private addresses",
    baseline: "hub-dns",
    change: linkHubAlone,
    roots: [],
    not: ["dns-zone-not-linked", "dns-zone-not-linked-to-resolver-vnet", "dns-custom-no-forwarder"],
  },
  {
    story: "no private zone at all: the hub's server holds the records itself",
    baseline: "hub-dns",
    change(world) {
      answerLike(world, azureDns, publicDns);
      remove(world, "/privateDnsZones/");
      remove(world, "/privateDnsZoneGroups/");
    },
    roots: [],
    not: ["dns-zone-missing", "dns-zone-not-linked", "pe-dns-zone-group-missing"],
  },
  {
    story: "the zones are linked to the hub alone, and this machine's network asks Azure DNS",
    baseline: "managed-network",
    change: linkHubAlone,
    roots: ["dns-zone-not-linked"],
    not: ["dns-zone-missing"],
  },
  {
    story:
      "the zones are not linked to the network, which asks Azure DNS, and this machine asks a server that knows the addresses",
    baseline: "hub-dns",
    change(world) {
      linkHubAlone(world);
      set(world, "/virtualNetworks/vnet-spoke", { dhcpOptions: { dnsServers: [] } });
    },
    roots: [],
    warns: ["dns-zone-not-linked"],
  },
  {
    story: "the storage account may not be read, and its private endpoint waits for approval",
    baseline: "managed-network",
    change(world) {
      close(world, doors.blob, "Pending");
      lock(world, doors.blob);
    },
    roots: ["st-pe-not-approved"],
    effects: ["cv-tcp-443-to-pe-blocked"],
    fix: [/approve --id \\"\$\(az network private-endpoint-connection list .*ends_with\(.*'\/pe-blob'\)/],
  },
  {
    story: "the key vault may not be read, and its private endpoint was rejected",
    baseline: "managed-network",
    change(world) {
      close(world, doors.vault, "Rejected");
      lock(world, doors.vault);
    },
    roots: ["kv-pe-not-approved"],
    effects: ["cv-tcp-443-to-pe-blocked"],
  },
  {
    story: "the key vault may not be read, and its record is stale",
    baseline: "managed-network",
    change(world) {
      lock(world, doors.vault);
      point(world, azureDns, "kvmlprod.privatelink", "10.1.0.93");
      set(world, `${doors.vault.zone}/A/kvmlprod`, { aRecords: [{ ipv4Address: "10.1.0.93" }] });
    },
    roots: ["dns-record-stale"],
    effects: ["kv-dns-resolves-public"],
    fix: [/10\.1\.0\.12/],
  },
  {
    story: "nothing that the workspace depends on may be read, and nothing is wrong",
    baseline: "managed-network",
    change(world) {
      for (const door of [doors.vault, doors.blob]) lock(world, door);
      const { id } = resource(world, "/registries/acrmlprod");
      world.arm.denied.push({ action: "Microsoft.ContainerRegistry/registries/read", scope: id });
    },
    roots: [],
    verdict: "inconclusive",
    not: ["kv-pe-not-approved", "st-pe-not-approved", "kv-dns-resolves-public", "cv-tcp-443-to-pe-blocked"],
  },
  {
    story: "the vault has a private endpoint in another network as well, which nobody here uses",
    baseline: "managed-network",
    change: otherNetworksVault,
    roots: [],
    not: ["cv-tcp-443-to-pe-blocked"],
  },
  {
    story: "a compute instance is at rest and its name is gone",
    baseline: "managed-network",
    change(world) {
      const copy = structuredClone(resource(world, "/computes/ci1"));
      const its = copy.properties.properties as Record<string, unknown>;
      its.state = "Stopped";
      world.arm.resources.push({ ...copy, id: copy.id.replace(/ci1$/, "ci-rest"), name: "ci-rest" } as never);
    },
    roots: [],
    not: ["dns-compute-instance-fqdn"],
  },
  {
    story: "the model calls an account that the managed network's endpoint waits to be let in to",
    baseline: "managed-network",
    change: waitForCurated,
    roots: ["mn-outbound-pe-pending"],
    effects: ["mn-outbound-rule-not-active", "scoring-424-model-error"],
    not: ["mn-outbound-rule-missing"],
  },
  {
    story: "the model calls such an account, and no storage account may be read",
    baseline: "managed-network",
    change(world) {
      waitForCurated(world);
      world.arm.denied.push({ action: "Microsoft.Storage/storageAccounts/read", scope: "/" });
    },
    roots: ["mn-outbound-rule-not-active"],
    effects: ["scoring-424-model-error"],
    not: ["mn-outbound-rule-missing", "mn-outbound-pe-pending"],
  },
  {
    story:
      "a project's deployment calls a host that a rule of its hub names, and the project repeats nothing of the network",
    baseline: "managed-network",
    change(world) {
      addNameRule(world, "contoso", "api.contoso.example");
      modelCalls(world, "api.contoso.example");
      projectOfNetwork(world);
    },
    roots: ["scoring-424-model-error"],
    not: ["mn-outbound-rule-missing", "mn-isolation-disabled-private-deps", "mn-not-provisioned"],
  },
  {
    story: "a project's deployment calls a host that no rule of its hub names",
    baseline: "managed-network",
    change(world) {
      modelCalls(world, "api.contoso.example");
      projectOfNetwork(world);
    },
    roots: ["mn-outbound-rule-missing"],
    effects: ["scoring-424-model-error"],
    fix: [/workspaces\/hub1\/outboundRules\/api-contoso-example/],
  },
  {
    story: "the image is built on nodes behind a firewall that lacks the rules",
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      forbid(world, "batch", "mcr", "mcr-data");
      loseNodes(world);
      deploymentFails(world, {
        lines: ["Image build failed for environment churn-env:12. The build job did not start."],
      });
    },
    roots: ["fw-missing-core-fqdns"],
    effects: ["cmp-nodes-unusable", "dep-image-build-failed-private-acr"],
    not: ["dep-provisioning-failed"],
  },
  {
    story: "the same words with computes that are well: the build itself is at fault",
    baseline: "customer-network",
    change: (world) =>
      deploymentFails(world, {
        lines: ["Image build failed for environment churn-env:12. pip found no matching version."],
      }),
    roots: ["dep-image-build-failed-private-acr"],
    not: ["dep-provisioning-failed", "fw-missing-core-fqdns", "cmp-nodes-unusable"],
  },
];
