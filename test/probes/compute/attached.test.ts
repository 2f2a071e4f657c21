import { expect, test } from "vitest";
import attachedMachines from "../../../probes/compute/attached-machines.ts";
import databricks from "../../../probes/compute/databricks.ts";
import interfaceGroups from "../../../probes/compute/interface-groups.ts";
import serverless from "../../../probes/compute/serverless-addresses.ts";
import { absent, gapAt, seen, type Observation } from "../../../src/model/observation.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";
import { cluster, groupId, lost, place, rule, subnetId, workspaceId } from "./estate.ts";

const denied = gapAt("GET x", { gap: "denied", status: 403, action: "Microsoft.Network/networkInterfaces/read" });
const nsg = (...lines: readonly string[]) =>
  seen({ id: groupId, name: "nsg", properties: { securityRules: lines.map(rule) } });
const network = subnetId.split("/subnets/")[0] ?? "";
const endpointId = network.replace("virtualNetworks/vnet", "privateEndpoints/pe");

const machine = (state: string, groups: Observation<unknown>, message = "failed") => [
  {
    compute: {
      id: "/w/computes/vm",
      name: "vm",
      properties: {
        computeType: "VirtualMachine",
        provisioningState: state,
        provisioningErrors: [{ error: { code: "X", message } }],
        properties: { sshPort: 2222 },
      },
    },
    address: "10.1.3.9",
    groups,
  },
];
const one = (...lines: readonly string[]) => seen([{ id: groupId, is: nsg(...lines) }]);
test.each([
  ["attached", machine("Succeeded", one()), "pass"],
  ["failed behind a group that refuses", machine("Failed", one()), "cmp-attached-vm-ssh-blocked?"],
  ["failed, as its error says", machine("Failed", one(), "SSH timed out"), "cmp-attached-vm-ssh-blocked"],
  [
    "failed, and was reached, as its error says",
    machine("Failed", one(), "SSH authentication failed for azureuser"),
    "cmp-attached-vm-ssh-blocked?",
  ],
  [
    "failed behind a group that allows",
    machine("Failed", one("Inbound 100 Allow Tcp AzureMachineLearning 2222")),
    "pass",
  ],
  [
    "failed behind a group that allows another port",
    machine("Failed", one("Inbound 100 Allow Tcp AzureMachineLearning 22")),
    "cmp-attached-vm-ssh-blocked?",
  ],
  ["failed without groups", machine("Failed", seen([])), "pass"],
  ["failed, and its group cannot be read", machine("Failed", seen([{ id: groupId, is: denied }])), "unknown"],
  ["failed, and cannot be read itself", machine("Failed", denied), "unknown"],
  ["none", [], "skip"],
])("attached machine: %s", (_, machines, expected) => {
  expect(verdictOf(attachedMachines, { machines })).toBe(expected);
});

const endpoints = {
  entries: [
    {
      id: endpointId,
      interfaces: [],
      endpoint: seen({ id: endpointId, properties: { subnet: { id: `${network}/subnets/pe` } } }),
    },
  ],
};
const space = (properties: object = {}) => ({
  id: workspaceId,
  name: "example",
  properties: {
    publicNetworkAccess: "Disabled",
    privateEndpointConnections: [
      {
        id: `${workspaceId}/privateEndpointConnections/c`,
        properties: { privateEndpoint: { id: endpointId }, privateLinkServiceConnectionState: { status: "Approved" } },
      },
    ],
    ...properties,
  },
});
const networks = (peerings: Observation<unknown>) => seen([{ id: network, network: absent, peerings }]);
const peered = (state: string, id = "/other") =>
  networks(seen([{ id: "p", properties: { peeringState: state, remoteVirtualNetwork: { id } } }]));
const clusters = (value?: string, managedResourceGroupId?: string) => [
  {
    id: "/dbx",
    is: seen({
      id: "/dbx",
      name: "dbx",
      properties: { managedResourceGroupId, parameters: { customVirtualNetworkId: { value } } },
    }),
  },
];
test.each([
  ["in a network of its own making", clusters(), networks(seen([])), {}, "cmp-databricks-vnet?"],
  [
    "in a network of its own making that is peered",
    clusters(undefined, "/subscriptions/s/resourceGroups/dbx"),
    peered("Connected", "/subscriptions/s/resourcegroups/DBX/providers/Microsoft.Network/virtualNetworks/workers-vnet"),
    {},
    "pass",
  ],
  ["in the workspace's network", clusters(network.toUpperCase()), networks(seen([])), {}, "pass"],
  ["in a peered network", clusters("/other"), peered("Connected"), {}, "pass"],
  ["in one whose peering is broken", clusters("/other"), peered("Disconnected"), {}, "cmp-databricks-vnet?"],
  ["in a network apart", clusters("/apart"), peered("Connected"), {}, "cmp-databricks-vnet?"],
  ["where peerings cannot be read", clusters("/other"), networks(denied), {}, "unknown"],
  ["and the workspace is public", clusters(), networks(seen([])), { publicNetworkAccess: "Enabled" }, "skip"],
  ["and cannot be read", [{ id: "/dbx", is: denied }], networks(seen([])), {}, "unknown"],
  ["none", [], networks(seen([])), {}, "skip"],
])("Databricks: %s", (_, attached, known, properties, expected) => {
  const facts = { workspace: space(properties), attached, privateEndpoints: endpoints, networks: known };
  expect(verdictOf(databricks, facts)).toBe(expected);
});

const apart = "/apart/subnets/serverless";
const egress = (addresses: Observation<unknown>, at = apart) => ({ subnetId: at, natGatewayId: "/nat", addresses });
const listed = (ipAllowlist: readonly string[], serverlessComputeNoPublicIP = true) => ({
  publicNetworkAccess: "Enabled",
  ipAllowlist,
  serverlessComputeSettings: { serverlessComputeCustomSubnet: apart, serverlessComputeNoPublicIP },
});
const ours = ["20.1.1.0/28"];
test.each([
  ["not on the list", egress(seen(["20.2.2.2"])), listed(ours), "cmp-serverless-selected-ips?"],
  ["on the list", egress(seen(["20.1.1.5"])), listed(ours), "pass"],
  ["one of two on the list", egress(seen(["20.1.1.5", "20.2.2.2"])), listed(ours), "cmp-serverless-selected-ips?"],
  ["with public addresses", egress(seen(["20.2.2.2"])), listed(ours, false), "skip"],
  ["behind a firewall", egress(seen([])), listed(ours), "skip"],
  ["not readable", egress(denied), listed(ours), "unknown"],
  ["beside the private endpoint", egress(seen(["20.2.2.2"]), `${network}/subnets/s`), listed(ours), "pass"],
  [
    "and the workspace is closed",
    egress(seen(["20.2.2.2"])),
    { ...listed(ours), publicNetworkAccess: "Disabled" },
    "skip",
  ],
  ["none", undefined, listed(ours), "skip"],
])("serverless compute: %s", (_, way, properties, expected) => {
  const facts = {
    workspace: space(properties),
    egress: way,
    privateEndpoints: endpoints,
    networks: networks(seen([])),
  };
  expect(verdictOf(serverless, facts)).toBe(expected);
});

const resourceGroup = groupId.split("/providers/")[0] ?? "";
const batch = (...lines: readonly string[]) => [
  { id: resourceGroup, is: seen([{ id: groupId, name: "x", properties: { securityRules: lines.map(rule) } }]) },
];
const open = (more: object) => place({ compute: cluster({ enableNodePublicIp: true, ...more }) });
const own = "Inbound 100 Allow Tcp BatchNodeManagement 29876-29877";
test.each([
  ["as Batch made it", open(lost), batch(own), "pass"],
  ["with a refusal of the service", open(lost), batch(own, "Inbound 90 Deny * * *"), "nsg-subnet-and-nic-conflict?"],
  ["with a refusal, and nothing fails", open({}), batch("Outbound 90 Deny * * *"), "nsg-subnet-and-nic-conflict?(w)"],
  ["with a refusal of SSH", open(lost), batch(own, "Inbound 90 Deny Tcp * 22"), "pass"],
  ["before nodes without public addresses", place({ compute: cluster(lost) }), batch("Inbound 90 Deny * * *"), "skip"],
  ["not readable", open(lost), [{ id: resourceGroup, is: denied }], "unknown"],
  ["gone", open(lost), [{ id: resourceGroup, is: seen([]) }], "skip"],
])("Batch's group: %s", (_, where, groups, expected) => {
  expect(verdictOf(interfaceGroups, { places: [where], groups })).toBe(expected);
});

test("Batch's group: the rule that somebody added is taken out, by its name", () => {
  const facts = { places: [open(lost)], groups: batch(own, "Inbound 90 Deny * * *") };
  expect(commandsOf(interfaceGroups, facts)).toContain("--name 'Inbound 90 Deny * * *'");
});
