import type { World } from "../../src/lab/world.ts";
import { accountRules, doors } from "./edit-dependencies.ts";
import { setRule } from "./edit-managed-network.ts";
import { add, answerLike, azureDns, forget, publicDns, remove, resource, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const wildcard = "*.11112222-3333-4444-8555-666677778888.inference.eastus2";
const zone = "privatelink.api.azureml.ms";

/** The workspace has no online endpoint yet. */
function withoutEndpoint(world: World): void {
  delete world.target.endpoint;
  delete world.target.deployment;
  remove(world, "/onlineEndpoints/score1");
}

/** The zone of the workspace has no record for online endpoints, and none of them exists. */
function withoutRecord(world: World): void {
  withoutEndpoint(world);
  remove(world, `/${zone}/A/${wildcard}`);
  for (const server of Object.keys(world.dns.servers)) forget(world, server, `${wildcard}.${zone}`);
}

/** The storage account lets selected addresses in, of which this machine's is none. */
function selectedAddresses(world: World): void {
  set(world, doors.blob.target, { publicNetworkAccess: "Enabled" });
  accountRules(world, { defaultAction: "Deny", ipRules: [{ value: "203.0.113.7", action: "Allow" }] });
  for (const { address, http = [] } of world.network.endpoints)
    if (address.startsWith("20.150.30."))
      for (const rule of http)
        Object.assign(rule, { status: 403, headers: { "x-ms-error-code": "AuthorizationFailure" }, body: "" });
}

/** The key vault lets selected addresses in, and tells this machine that it is none. */
function selectedAtVault(world: World): void {
  const networkAcls = { bypass: "AzureServices", defaultAction: "Deny", ipRules: [], virtualNetworkRules: [] };
  set(world, doors.vault.target, { publicNetworkAccess: "Enabled", networkAcls });
  const message = "Client address is not authorized and caller is not a trusted service.\nClient address: 20.1.2.3";
  const error = { code: "Forbidden", message, innererror: { code: "ForbiddenByFirewall" } };
  for (const one of world.network.endpoints)
    if (one.address === "20.41.4.99") one.http = [{ status: 403, body: JSON.stringify({ error }) }];
}

/** The registry is gone, and with it what the rule of the managed network led to. */
function withoutRegistry(world: World): void {
  remove(world, doors.registry.target);
  setRule(world, "__SYS_PE_acrmlprod_registry", { status: "Inactive" });
}

/** The hub's DNS server answers nothing from here, with the peering in the state given. */
function silentServer(world: World, peeringState: string): void {
  set(world, "/vnet-spoke/virtualNetworkPeerings/to-hub", { peeringState });
  const embedded = resource(world, "/virtualNetworks/vnet-spoke").properties.virtualNetworkPeerings;
  for (const { properties } of embedded as { properties: object }[]) Object.assign(properties, { peeringState });
  delete world.dns.servers["10.0.0.4"];
}

/** Faults that show only behind another one, or that another one is easily taken for. */
export const maskedVariations: readonly Variation[] = [
  {
    story: "legacy mode keeps endpoints out, whose record is missing too",
    baseline: "hub-dns",
    change(world) {
      withoutRecord(world);
      set(world, "/workspaces/mlprod", { v1LegacyMode: true });
    },
    roots: ["ws-v1-legacy-mode-enabled", "infdns-a-record-missing"],
    fix: [/v1LegacyMode.{1,4}false/, /add-record.*inference\.eastus2.*10\.1\.0\.7/],
    not: ["dns-custom-no-forwarder", "infdns-forwarder-missing"],
  },
  {
    story: "the zone has no record for online endpoints, of which there is none yet",
    baseline: "managed-network",
    change: withoutRecord,
    roots: [],
    warns: ["infdns-a-record-missing"],
  },
  {
    story: "legacy mode keeps endpoints out, whose record is there",
    baseline: "managed-network",
    change(world) {
      withoutEndpoint(world);
      set(world, "/workspaces/mlprod", { v1LegacyMode: true });
    },
    roots: ["ws-v1-legacy-mode-enabled"],
    not: ["infdns-a-record-missing"],
  },
  {
    story: "there is no online endpoint yet, and a record for one that is to come",
    baseline: "managed-network",
    change(world) {
      const { id } = resource(world, `/privateDnsZones/${zone}`);
      const name = `score9${wildcard.slice(1)}`;
      withoutRecord(world);
      add(world, {
        id: `${id}/A/${name}`,
        name,
        type: "Microsoft.Network/privateDnsZones/A",
        properties: { ttl: 10, aRecords: [{ ipv4Address: "10.1.0.7" }] },
      });
    },
    roots: [],
    not: ["infdns-a-record-missing"],
  },
  {
    story: "the zone is not linked, and has no record for online endpoints, of which there is none yet",
    baseline: "managed-network",
    change(world) {
      withoutRecord(world);
      remove(world, `/${zone}/virtualNetworkLinks/link-spoke`);
      answerLike(world, azureDns, publicDns, (name) => name.includes(".workspace.") || name.startsWith("amlapi"));
    },
    roots: ["dns-zone-not-linked"],
    not: ["infdns-a-record-missing"],
  },
  {
    story: "there are endpoints on Kubernetes alone, which need no record in the workspace's zone",
    baseline: "kubernetes",
    change: (world) => remove(world, `/${zone}/A/${wildcard}`),
    roots: [],
    not: ["infdns-a-record-missing"],
  },
  {
    story: "the storage account lets selected addresses in, and a machine outside of Azure is none of them",
    baseline: "public",
    change: selectedAddresses,
    roots: ["st-firewall-blocks-client"],
    once: ["st-firewall-blocks-client"],
    effects: ["cmp-dev-environment-storage"],
    fix: [/storage account network-rule add .*--account-name stmlprod --ip-address/],
    not: ["st-no-blob-pe", "st-no-file-pe", "st-dns-resolves-public"],
  },
  {
    story: "the key vault lets selected addresses in, and a machine outside of Azure is none of them",
    baseline: "public",
    change: selectedAtVault,
    roots: [],
    warns: ["kv-firewall-blocks-client"],
    not: ["kv-no-pe-in-client-vnet", "kv-bypass-not-azureservices"],
  },
  {
    story: "the registry is gone that a rule of the managed network leads to",
    baseline: "managed-network",
    change: withoutRegistry,
    roots: ["ws-provisioning-or-missing-dependency"],
    effects: ["mn-outbound-rule-not-active"],
  },
  {
    story: "the DNS server of this network is silent behind a peering that lost its other half",
    baseline: "hub-dns",
    change: (world) => silentServer(world, "Disconnected"),
    roots: ["cv-peering-or-connectivity-missing"],
    // With its server silent this machine learns of no other fault in names.
    verdict: "unhealthy",
    effects: ["ws-pna-disabled-client-public", "kv-dns-resolves-public", "scoring-name-unresolvable"],
    fix: [/vnet peering delete .*to-hub/, /vnet peering create .*--vnet-name vnet-spoke/],
    not: ["dns-forwarder-queries-168-from-onprem", "dns-custom-no-forwarder"],
  },
  {
    story: "the DNS server of this network is silent, and the peering with its network is sound",
    baseline: "hub-dns",
    change: (world) => silentServer(world, "Connected"),
    roots: ["dns-forwarder-queries-168-from-onprem"],
    not: ["cv-peering-or-connectivity-missing"],
  },
];
