import { expect, test } from "vitest";
import editorHosts from "../../../probes/firewall/editor-hosts.ts";
import endpointPolicies from "../../../probes/firewall/endpoint-policies.ts";
import type { Compute } from "../../../src/facts/computes.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
import { cluster, egressOf, lost, place, policyId, routeTable } from "../compute/estate.ts";
import { accounts, ids, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const policy = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/serviceEndpointPolicies/p";
const storage = { serviceEndpoints: [{ service: "Microsoft.Storage" }], serviceEndpointPolicies: [{ id: policy }] };
const alias = "/services/Azure/MachineLearning";
const listing = (...serviceResources: readonly string[]) => [
  {
    id: policy,
    is: seen({ id: policy, properties: { serviceEndpointPolicyDefinitions: [{ properties: { serviceResources } }] } }),
  },
];
const endpointId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/pe";
const door = {
  privateEndpointConnections: [
    {
      id: `${ids.account}/privateEndpointConnections/c`,
      properties: {
        groupIds: ["blob"],
        privateEndpoint: { id: endpointId },
        privateLinkServiceConnectionState: { status: "Approved" },
      },
    },
  ],
};
const link = { properties: { groupIds: ["blob"], privateLinkServiceId: ids.account } };
const entries = [
  {
    id: endpointId,
    interfaces: [],
    endpoint: seen({ id: endpointId, properties: { privateLinkServiceConnections: [link] } }),
  },
];
const ailing = { compute: cluster(lost), subnet: storage };
const group = ids.account.split("/providers/")[0] ?? "";

test.each([
  ["none", place(), [], {}, "skip"],
  ["both listed", place(ailing), listing(alias, ids.account), {}, "pass"],
  ["both listed, the account by its group", place(ailing), listing(alias.toLowerCase(), group), {}, "pass"],
  ["all of Azure's services and the account", place(ailing), listing("/services/Azure", ids.account), {}, "pass"],
  ["the account alone", place(ailing), listing(ids.account), {}, "exfil-service-endpoint-policy"],
  [
    "the account alone, and nothing fails",
    place({ subnet: storage }),
    listing(ids.account),
    {},
    "exfil-service-endpoint-policy?(w)",
  ],
  ["the alias alone", place(ailing), listing(alias), {}, "exfil-service-endpoint-policy"],
  ["the alias alone, the account behind a private endpoint", place(ailing), listing(alias), door, "pass"],
  [
    "no service endpoint that it would rule",
    place({ ...ailing, subnet: { ...storage, serviceEndpoints: [] } }),
    listing(),
    {},
    "pass",
  ],
  [
    "not readable",
    place(ailing),
    [{ id: policy, is: gapAt("GET p", { gap: "timed-out", afterMs: 1 }) }],
    {},
    "unknown",
  ],
])("service endpoint policy: %s", (_, where, policies, properties, expected) => {
  const facts = {
    workspace: workspace(),
    places: [where],
    policies,
    accounts: accounts(properties),
    privateEndpoints: { entries: "privateEndpointConnections" in properties ? entries : [] },
  };
  expect(verdictOf(endpointPolicies, facts)).toBe(expected);
});

const instance: Compute = { ...cluster(), properties: { ...cluster().properties, computeType: "ComputeInstance" } };
const through = (compute: Compute) => place({ compute, table: routeTable("0.0.0.0/0 VirtualAppliance 10.0.1.4") });
const naming = (...hosts: readonly string[]) =>
  seen([
    {
      kind: "application" as const,
      name: "names",
      access: "Allow",
      sources: ["*"],
      destinations: [],
      hosts: [...hosts],
      protocols: [],
      ports: ["443"],
      usesGroups: false,
    },
  ]);
const firewallId = policyId.replace("firewallPolicies/policy", "azureFirewalls/fw");

async function editor(compute: Compute, rules: ReturnType<typeof naming>) {
  const where = through(compute);
  const found = [{ id: firewallId, address: "10.0.1.4", policyId, rules }];
  return { places: [where], egress: await egressOf(where, rules), firewalls: { found, subscriptions: [] } };
}
const marketplace = "marketplace.visualstudio.com";
test.each([
  ["some of the hosts", instance, naming(marketplace), "fw-vscode-hosts-blocked"],
  ["none of them", instance, naming("pypi.org"), "pass"],
  ["all of them", instance, naming("*.visualstudio.com", "*.gallerycdn.vsassets.io"), "pass"],
  ["everything", instance, naming("*"), "pass"],
  ["some, where no instance is", cluster(), naming(marketplace), "skip"],
])("the firewall lets through %s", async (_, compute, rules, expected) => {
  expect(verdictOf(editorHosts, await editor(compute, rules))).toBe(expected);
});

test("the hosts that are missing are added to the policy", async () => {
  expect(commandsOf(editorHosts, await editor(instance, naming(marketplace)))).toContain(
    "update.code.visualstudio.com",
  );
});
