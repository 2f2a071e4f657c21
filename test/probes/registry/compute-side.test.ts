import { expect, test } from "vitest";
import computeIdentity from "../../../probes/registry/compute-identity.ts";
import outboundRules from "../../../probes/registry/outbound-rules.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { place, refuseAll, rule, securityGroup } from "../compute/estate.ts";
import { denied, ids, registry, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const member = (type: string | undefined, computeType = "AmlCompute") => [
  { id: "/w/computes/c", name: "c", identity: type === undefined ? null : { type }, properties: { computeType } },
];
const v1 = { v1LegacyMode: true };
test.each([
  [
    "with an identity, of v1, registry closed",
    v1,
    registry(),
    member("UserAssigned"),
    "acr-managed-identity-compute-v1",
  ],
  ["with an identity, of v2", { v1LegacyMode: false }, registry(), member("UserAssigned"), "skip"],
  ["with an identity, the flag absent", {}, registry(), member("UserAssigned"), "skip"],
  ["with an identity, registry open", v1, registry({ publicNetworkAccess: "Enabled" }), member("UserAssigned"), "skip"],
  ["without an identity", v1, registry(), member(undefined), "pass"],
  ["with the identity None", v1, registry(), member("None"), "pass"],
  ["that is an instance", v1, registry(), member("SystemAssigned", "ComputeInstance"), "pass"],
  ["without a registry", v1, undefined, member("UserAssigned"), "skip"],
])("cluster %s", (_, properties, known, computes, expected) => {
  const images = known === undefined ? absent : seen(known);
  expect(verdictOf(computeIdentity, { workspace: workspace(properties), registry: images, computes })).toBe(expected);
});

test("a registry that may not be read is a question of v1 alone", () => {
  const judged = (properties: object) =>
    verdictOf(computeIdentity, {
      workspace: workspace({ ...properties }),
      registry: denied,
      computes: member("UserAssigned"),
    });
  expect(judged({ v1LegacyMode: false })).toBe("skip");
  expect(judged(v1)).toBe("unknown");
});

const open = { ...registry({ publicNetworkAccess: "Enabled", networkRuleSet: null }), location: "East US 2" };
const microsoft = "Outbound 100 Allow Tcp MicrosoftContainerRegistry 443";
const own = "Outbound 110 Allow Tcp AzureContainerRegistry.eastus2 443";
const clusterId = "/aks";
const subnetId = "/vnet/subnets/nodes";

function cluster(...lines: readonly string[]) {
  const properties = { addressPrefix: "10.1.3.0/24", networkSecurityGroup: { id: "/nsg" } };
  return seen([
    {
      clusterId,
      nodeSubnets: [subnetId],
      network: seen({ properties: { subnets: [{ id: subnetId, properties }] } }),
      groups: [{ id: "/nsg", is: seen({ id: "/nsg", name: "nsg", properties: { securityRules: lines.map(rule) } }) }],
    },
  ]);
}
const pull = (kind: string, image = "acrmlprod.azurecr.io/model:1") =>
  seen([{ clusterId, where: "pod blue", text: "i/o timeout", kind, image }]);
const known = (networks: unknown, complaints: unknown = absent, properties: object = {}) => ({
  workspace: workspace(),
  registry: { ...open, properties: { ...open.properties, ...properties } },
  privateEndpoints: { entries: [] },
  places: absent,
  networks,
  complaints,
});

test.each([
  [
    "kept from it, and a pull times out",
    cluster(microsoft, refuseAll),
    pull("timeout"),
    {},
    "acr-outbound-tag-blocked",
  ],
  ["kept from it", cluster(microsoft, refuseAll), absent, {}, "acr-outbound-tag-blocked(w)"],
  [
    "kept from it, and a pull is denied",
    cluster(microsoft, refuseAll),
    pull("denied"),
    {},
    "acr-outbound-tag-blocked(w)",
  ],
  [
    "kept from it, and another registry times out",
    cluster(microsoft, refuseAll),
    pull("timeout", "docker.io/x:1"),
    {},
    "acr-outbound-tag-blocked(w)",
  ],
  ["let out to both", cluster(microsoft, own, refuseAll), pull("timeout"), {}, "pass"],
  ["let out to everything", cluster(), pull("timeout"), {}, "pass"],
  ["shut in altogether", cluster(refuseAll), pull("timeout"), {}, "pass"],
  [
    "kept from it, and the registry closed",
    cluster(microsoft, refuseAll),
    absent,
    { publicNetworkAccess: "Disabled" },
    "skip",
  ],
])("nodes: %s", (_, networks, complaints, properties, expected) => {
  expect(verdictOf(outboundRules, known(networks, complaints, properties))).toBe(expected);
});

test("computes that are kept from the registry are a remark, and the tag is named with the registry's region", () => {
  const facts = { ...known(absent), places: seen([place({ group: securityGroup(microsoft, refuseAll) })]) };
  expect(verdictOf(outboundRules, facts)).toBe("acr-outbound-tag-blocked(w)");
  expect(commandsOf(outboundRules, facts)).toContain("--priority 140 ");
  expect(commandsOf(outboundRules, facts)).toContain("AzureContainerRegistry.eastus2");
});

test("a registry with an approved private endpoint is not reached at its public addresses", () => {
  const endpointId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/pe";
  const connection = {
    id: `${ids.registry}/privateEndpointConnections/c`,
    properties: { privateEndpoint: { id: endpointId }, privateLinkServiceConnectionState: { status: "Approved" } },
  };
  const facts = {
    ...known(cluster(microsoft, refuseAll), absent, { privateEndpointConnections: [connection] }),
    privateEndpoints: {
      entries: [{ id: endpointId, interfaces: [], endpoint: seen({ id: endpointId, properties: {} }) }],
    },
  };
  expect(verdictOf(outboundRules, facts)).toBe("skip");
});
