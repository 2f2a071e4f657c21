import type { World } from "../../src/lab/world.ts";
import { add, azureDns, hubDns, publicDns, remove, resource, set, tcp } from "./edit.ts";
import { deploymentFails } from "./edit-deployment.ts";
import {
  makePublic,
  openSecondEndpoint,
  overwriteRecords,
  project,
  secondEndpoint,
  withoutInference,
  workspaceConnection,
  workspaceEndpointSays,
} from "./edit-workspace.ts";
import type { Variation } from "./expect-variation.ts";

type Json = Record<string, unknown>;
const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
const inNetworkGroup = `${subscription}/resourceGroups/rg-net/providers`;

function clone<T>(value: T): T {
  return structuredClone(value);
}

function silence(world: World, server: string): void {
  const found = world.dns.servers[server];
  if (found) found.overrides = [{ name: "*", behaviour: "timeout" }];
}

function denyPlatformDns(world: World, destination: string): void {
  const rules = resource(world, "/networkSecurityGroups/nsg-jump").properties.securityRules as Json[];
  rules.push({
    name: "Deny-DNS",
    properties: {
      priority: 200,
      direction: "Outbound",
      access: "Deny",
      protocol: "*",
      sourceAddressPrefix: "*",
      destinationAddressPrefix: destination,
      sourcePortRange: "*",
      destinationPortRange: "53",
    },
  });
}

/** This network's zone no longer knows the workspace, as if it had never stood here. */
function forgetWorkspace(world: World): void {
  remove(world, "privatelink.api.azureml.ms/A/");
  const server = world.dns.servers[azureDns];
  if (server)
    server.records = server.records.filter(
      ({ type, name }) => !(type === "A" && name.endsWith("privatelink.api.azureml.ms")),
    );
}

function wildcard(world: World): void {
  world.dns.servers[hubDns]?.records.push({
    name: "*.eastus2.inference.ml.azure.com",
    type: "A",
    ttl: 300,
    data: "10.1.0.7",
  });
}

function neighbour(world: World): void {
  const other = clone(resource(world, "/workspaces/mlprod")) as unknown as Parameters<typeof add>[1];
  other.id = other.id.replace("mlprod", "mlother");
  other.name = "mlother";
  add(world, other);
}

function instancesPublic(world: World): void {
  const server = world.dns.servers[hubDns];
  if (!server) return;
  server.records = server.records.filter(({ name }) => name !== "ci1.eastus2.instances.azureml.ms");
  server.records.push({ name: "ci1.eastus2.instances.azureml.ms", type: "A", ttl: 60, data: "20.62.1.10" });
}

function egress(world: World, state: string): void {
  const deployment = resource(world, "/deployments/blue");
  Object.assign(deployment.properties, { egressPublicNetworkAccess: "Enabled", provisioningState: state });
}

export const workspaceVariations: readonly Variation[] = [
  {
    story: "a rule denies Azure's own DNS to this machine",
    baseline: "managed-network",
    change(world) {
      silence(world, azureDns);
      denyPlatformDns(world, "AzurePlatformDNS");
    },
    roots: ["dns-azure-dns-blocked"],
    effects: ["scoring-name-unresolvable"],
    fix: [/nsg rule delete.*Deny-DNS/],
  },
  {
    story: "Azure's own DNS is silent and nobody knows why",
    baseline: "managed-network",
    change: (world) => silence(world, azureDns),
    roots: ["dns-azure-dns-blocked"],
  },
  {
    story: "a rule denies the literal address of Azure's own DNS, which stops nothing",
    baseline: "managed-network",
    change: (world) => denyPlatformDns(world, azureDns),
    roots: [],
    not: ["dns-azure-dns-blocked"],
  },
  {
    story: "Azure's own DNS is silent to a machine that asks the hub's server",
    baseline: "hub-dns",
    change: (world) => silence(world, azureDns),
    roots: [],
    warns: ["dns-azure-dns-blocked"],
  },
  {
    story: "a second private endpoint in another network overwrote the shared zone's records",
    baseline: "managed-network",
    change(world) {
      secondEndpoint(world);
      overwriteRecords(world);
    },
    roots: ["pe-shared-zone-record-overwrite"],
    fix: [/the two are peered, so it is a rule/, /link vnet delete .*--name link-spoke/],
  },
  {
    story: "a second private endpoint in another network left the records alone",
    baseline: "managed-network",
    change: secondEndpoint,
    roots: [],
    not: ["pe-shared-zone-record-overwrite"],
  },
  {
    story: "a second private endpoint's records are in the zone, and it answers here",
    baseline: "managed-network",
    change(world) {
      secondEndpoint(world);
      overwriteRecords(world);
      openSecondEndpoint(world);
    },
    roots: [],
    not: ["pe-shared-zone-record-overwrite"],
  },
  {
    story: "the workspace is public, its private endpoint is elsewhere, and this network's zone denies it",
    baseline: "managed-network",
    change(world) {
      makePublic(world);
      forgetWorkspace(world);
    },
    roots: ["infdns-foreign-workspace-nxdomain"],
    fix: [/NxDomainRedirect/],
  },
  {
    story: "a wildcard for the whole region leads other workspaces' endpoints here",
    baseline: "hub-dns",
    change(world) {
      wildcard(world);
      neighbour(world);
    },
    roots: ["infdns-wildcard-hijacks-other-workspaces"],
  },
  {
    story: "a wildcard for the whole region hurts nobody that is known",
    baseline: "hub-dns",
    change: wildcard,
    roots: [],
    warns: ["infdns-wildcard-hijacks-other-workspaces"],
  },
  {
    story: "the workspace's zone was made with another cloud's suffix",
    baseline: "managed-network",
    change(world) {
      for (const one of world.arm.resources)
        if (one.id.toLowerCase().includes("/privatednszones/privatelink.api.azureml.ms")) {
          one.id = one.id.replace("privatelink.api.azureml.ms", "privatelink.api.ml.azure.us");
          one.name = one.name?.replace("privatelink.api.azureml.ms", "privatelink.api.ml.azure.us") ?? "";
        }
      const from = world.dns.servers[publicDns];
      const to = world.dns.servers[azureDns];
      const match = (name: string): boolean => /azureml\.ms|inference|trafficmanager|cloudapp/.test(name);
      if (from && to)
        to.records = [
          ...to.records.filter(({ name }) => !match(name)),
          ...from.records.filter(({ name }) => match(name)).map((record) => ({ ...record })),
        ];
    },
    roots: ["dns-wrong-cloud-suffix"],
    effects: ["dns-zone-missing"],
    fix: [/zone create.*privatelink\.api\.azureml\.ms/],
  },
  {
    story: "another cloud's zone stands beside the right one",
    baseline: "managed-network",
    change: (world) =>
      add(world, {
        id: `${inNetworkGroup}/Microsoft.Network/privateDnsZones/privatelink.api.ml.azure.us`,
        name: "privatelink.api.ml.azure.us",
        type: "Microsoft.Network/privateDnsZones",
        properties: {},
      }),
    roots: [],
    not: ["dns-wrong-cloud-suffix"],
  },
  {
    story: "the hub's server resolves compute instances publicly",
    baseline: "hub-dns",
    change: instancesPublic,
    roots: ["dns-compute-instance-fqdn"],
    fix: [/instances\.azureml\.ms/],
  },
  {
    story: "the endpoint that was asked for does not exist",
    baseline: "managed-network",
    change(world) {
      world.target.endpoint = "scoer1";
      delete world.target.deployment;
    },
    roots: ["infdns-model-endpoint-name-mismatch"],
  },
  {
    story: "a failed deployment goes out publicly, and workspace and registry are closed",
    baseline: "customer-network",
    change: (world) => egress(world, "Failed"),
    roots: [["ws-pna-disabled-with-public-egress", "acr-public-disabled-egress-enabled"]],
  },
  {
    story: "a deployment that came up goes out publicly",
    baseline: "customer-network",
    change: (world) => egress(world, "Succeeded"),
    roots: [],
    warns: ["ws-pna-disabled-with-public-egress"],
  },
  {
    story: "the key vault is gone",
    baseline: "managed-network",
    change: (world) => remove(world, "/vaults/kvmlprod"),
    roots: ["ws-provisioning-or-missing-dependency"],
    fix: [/keyvault recover/],
  },
  {
    story: "the workspace failed to provision",
    baseline: "public",
    change: (world) => set(world, "/workspaces/mlprod", { provisioningState: "Failed" }),
    roots: ["ws-provisioning-or-missing-dependency"],
  },
  {
    story: "the workspace is being updated",
    baseline: "public",
    change: (world) => set(world, "/workspaces/mlprod", { provisioningState: "Updating" }),
    roots: [],
    warns: ["ws-provisioning-or-missing-dependency"],
  },
  {
    story: "the two settings for public access contradict each other",
    baseline: "managed-network",
    change: (world) => set(world, "/workspaces/mlprod", { allowPublicAccessWhenBehindVnet: true }),
    roots: [],
    warns: ["ws-access-flags-conflict"],
  },
  {
    story: "the workspace lets selected addresses in, and not this machine's",
    baseline: "public",
    change(world) {
      set(world, "/workspaces/mlprod", { ipAllowlist: ["203.0.113.0/24"] });
      for (const one of world.network.endpoints)
        if (one.address === "20.62.1.10") one.http = [{ status: 403, body: "Public access is not allowed" }];
    },
    roots: ["ws-pna-selected-ips-client-missing"],
    fix: [/ifconfig/],
  },
  {
    story: "the workspace lets selected addresses in, and not the public address that this machine has itself",
    baseline: "public",
    change(world) {
      world.vantage.addresses = ["20.1.2.3"];
      set(world, "/workspaces/mlprod", { ipAllowlist: ["203.0.113.0/24"] });
      for (const one of world.network.endpoints)
        if (one.address === "20.62.1.10") one.http = [{ status: 403, body: "Public access is not allowed" }];
    },
    roots: ["ws-pna-selected-ips-client-missing"],
    fix: [/add 20\.1\.2\.3/],
  },
  {
    story: "the workspace lets selected addresses in, and this machine's",
    baseline: "public",
    change: (world) => set(world, "/workspaces/mlprod", { ipAllowlist: ["203.0.113.0/24"] }),
    roots: [],
    not: ["ws-pna-selected-ips-client-missing"],
  },
  {
    story: "the closed workspace still has a list that rules an open endpoint",
    baseline: "managed-network",
    change(world) {
      set(world, "/workspaces/mlprod", { ipAllowlist: ["203.0.113.0/24"] });
      set(world, "/onlineEndpoints/score1", { publicNetworkAccess: "Enabled" });
    },
    roots: [],
    warns: ["ws-pna-selected-ips-endpoint-matrix"],
  },
  {
    story: "this machine has a public address",
    baseline: "managed-network",
    change(world) {
      const [first] = resource(world, "/networkInterfaces/vm-jump-nic").properties.ipConfigurations as {
        properties: Json;
      }[];
      if (first)
        first.properties.publicIPAddress = { id: `${inNetworkGroup}/Microsoft.Network/publicIPAddresses/pip-jump` };
    },
    roots: [],
    warns: ["cv-jumpbox-setup"],
  },
  {
    story: "the private endpoint is old and has no address for online endpoints",
    baseline: "managed-network",
    change(world) {
      set(world, "/workspaces/mlprod", { creationTime: "2021-06-01T00:00:00Z" });
      withoutInference(world);
      tcp(world, (address) => address === "10.1.0.7", "timeout");
    },
    roots: ["pe-predates-2022-05-24"],
  },
  {
    story: "a public workspace stands before private dependencies",
    baseline: "managed-network",
    change: (world) =>
      set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled", allowPublicAccessWhenBehindVnet: true }),
    roots: [],
    warns: ["ws-public-access-posture"],
  },
  {
    story: "the workspace is a project, and its hub's private endpoint serves it",
    baseline: "managed-network",
    change: project,
    roots: [],
    not: ["ws-no-private-endpoint", "oe-pna-disabled-no-private-path"],
  },
  {
    story: "the workspace is a project that says nothing of a network, and its hub has a managed one",
    baseline: "managed-network",
    change(world) {
      project(world);
      delete resource(world, "/workspaces/mlprod").properties.managedNetwork;
    },
    roots: [],
    not: [
      "mn-isolation-disabled-private-deps",
      "acr-public-disabled-egress-enabled",
      "ws-pna-disabled-with-public-egress",
    ],
  },
  {
    story: "the workspace is a project whose hub has no managed network, and a deployment pulls over the internet",
    baseline: "managed-network",
    change(world) {
      project(world);
      resource(world, "/workspaces/hub1").properties.managedNetwork = { isolationMode: "Disabled" };
      delete resource(world, "/workspaces/mlprod").properties.managedNetwork;
    },
    roots: [],
    warns: ["acr-public-disabled-egress-enabled"],
  },
  {
    story: "the workspace is a project, and only its hub tells the state of the managed network",
    baseline: "managed-network",
    change(world) {
      project(world);
      set(world, "/workspaces/mlprod", { managedNetwork: { isolationMode: "AllowOnlyApprovedOutbound" } });
    },
    roots: [],
    not: ["mn-not-provisioned"],
  },
  {
    story: "the workspace is a project, and its hub's private endpoint waits for approval",
    baseline: "managed-network",
    change(world) {
      workspaceConnection(world, "Pending");
      project(world);
      for (const one of world.network.endpoints)
        if (/^10\.1\.0\.[567]$/.test(one.address))
          Object.assign(one, { tcp: "timeout", tls: undefined, http: undefined });
    },
    roots: ["pe-connection-not-approved"],
    effects: ["scoring-tcp-timeout"],
    not: ["ws-no-private-endpoint", "dns-record-stale"],
    fix: [/private-endpoint-connection approve --id \S+\/workspaces\/hub1\//],
  },
  {
    story: "the workspace is a project, and its hub lists no private endpoint any more",
    baseline: "managed-network",
    change(world) {
      project(world);
      remove(world, "/workspaces/hub1/privateEndpointConnections");
      set(world, "/workspaces/hub1", { privateEndpointConnections: [], privateLinkCount: 0 });
      workspaceEndpointSays(world, "Disconnected");
      for (const one of world.network.endpoints)
        if (/^10\.1\.0\.[567]$/.test(one.address))
          Object.assign(one, { tcp: "timeout", tls: undefined, http: undefined });
    },
    roots: ["pe-provisioning-failed-or-stale-object"],
    effects: ["scoring-tcp-timeout"],
    not: ["ws-no-private-endpoint", "dns-record-stale"],
  },
  {
    story: "the workspace is a project, and its hub's records are missing",
    baseline: "managed-network",
    change(world) {
      project(world);
      remove(world, "/A/11112222-3333-4444-8555-666677778888.workspace");
      const server = world.dns.servers[azureDns];
      if (server)
        server.records = server.records.filter(
          ({ name, type }) => !(type === "A" && /workspace\.eastus2\.(cert\.)?privatelink/.test(name)),
        );
    },
    roots: ["dns-record-missing-workspace"],
  },
  {
    story: "a deployment that goes out publicly could not fetch its model",
    baseline: "customer-network",
    change(world) {
      egress(world, "Failed");
      deploymentFails(world, { step: "ModelDownload" });
    },
    roots: ["ws-pna-disabled-with-public-egress"],
    effects: ["dep-unable-download-model"],
  },
  {
    story: "the workspace is public and has a private endpoint here, whose records are missing",
    baseline: "managed-network",
    change(world) {
      set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled", allowPublicAccessWhenBehindVnet: true });
      set(world, "/onlineEndpoints/score1", { publicNetworkAccess: "Enabled" });
      forgetWorkspace(world);
    },
    roots: [["dns-record-missing-workspace", "infdns-a-record-missing"]],
    not: ["infdns-foreign-workspace-nxdomain", "dns-linked-zone-breaks-foreign-resources"],
  },
];
