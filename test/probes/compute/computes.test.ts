import { describe, expect, it } from "vitest";
import addresses from "../../../probes/compute/addresses.ts";
import inbound from "../../../probes/compute/inbound.ts";
import networkPolicies from "../../../probes/compute/network-policies.ts";
import nodes from "../../../probes/compute/nodes.ts";
import outboundPath from "../../../probes/compute/outbound-path.ts";
import placement from "../../../probes/compute/placement.ts";
import provisioning from "../../../probes/compute/provisioning.ts";
import routes from "../../../probes/compute/routes.ts";
import type { Verdict } from "../../../src/model/finding.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import {
  busy,
  cluster,
  clusterId,
  groupId,
  lost,
  place,
  routeTable,
  saying,
  securityGroup,
  subnetId,
  tableId,
  workspaceId,
} from "./estate.ts";

/** A verdict in one line: what, how sure, and about what. */
function told(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "nothing";
  if (verdict.is !== "found") return verdict.is;
  return `${verdict.reason} ${verdict.as ?? verdict.confidence} ${verdict.subject}`;
}

const denied = gapAt("GET nsg", { gap: "denied", status: 403, action: "Microsoft.Network/networkSecurityGroups/read" });
const fromService = "Inbound 100 Allow Tcp AzureMachineLearning 44224";
const fromBatch = "Inbound 110 Allow Tcp BatchNodeManagement.eastus2 29876-29877";

describe("computes with public addresses", () => {
  const open = (more = {}) => cluster({ enableNodePublicIp: true, ...more });
  it.each([
    ["are managed through an allowed port", place({ compute: open(), group: securityGroup(fromService) }), "pass"],
    ["are managed where there is no group", place({ compute: open() }), "pass"],
    [
      "are lost where the group lets nobody in",
      place({ compute: open(lost), group: securityGroup() }),
      `cmp-inbound-ports-blocked confirmed ${groupId}`,
    ],
    [
      "are at risk where nothing has failed yet",
      place({ compute: open(), group: securityGroup() }),
      `cmp-inbound-ports-blocked likely ${groupId}`,
    ],
    [
      "may live on Batch's ports",
      place({ compute: open(lost), group: securityGroup(fromBatch) }),
      `cmp-inbound-ports-blocked warning ${groupId}`,
    ],
    ["are unknown where the group cannot be read", place({ compute: open(lost), group: denied }), "unknown"],
    ["are not meant where addresses are private", place({ compute: cluster(lost), group: securityGroup() }), "skip"],
  ])("%s", (_, where, expected) => {
    expect(told(judgeWith(inbound, { places: [where] })[0])).toBe(expected);
  });

  const firewalls = { found: [], subscriptions: [] };
  const toAppliance = "0.0.0.0/0 VirtualAppliance 10.0.1.9";
  it.each([
    ["keep their way back without a route table", place({ compute: open(lost) }), "pass"],
    [
      "keep their way back by routes for the service",
      place({
        compute: open(lost),
        table: routeTable(toAppliance, "AzureMachineLearning Internet", "BatchNodeManagement.eastus2 Internet"),
      }),
      "pass",
    ],
    [
      "lose their way back by forced tunnelling",
      place({ compute: open(lost), table: routeTable(toAppliance) }),
      `udr-forced-tunneling-breaks-compute confirmed ${tableId}`,
    ],
    [
      "would lose it",
      place({ compute: open(), table: routeTable(toAppliance) }),
      `udr-forced-tunneling-breaks-compute likely ${tableId}`,
    ],
    [
      "and those without: an appliance is their way out",
      place({ compute: cluster(), table: routeTable(toAppliance) }),
      "pass",
    ],
    [
      "and those without: lost behind an appliance that cannot be read",
      place({ compute: cluster(lost), table: routeTable(toAppliance) }),
      `udr-forced-tunneling-breaks-compute likely ${tableId}`,
    ],
  ])("%s", (_, where, expected) => {
    expect(told(judgeWith(routes, { places: [where], firewalls })[0])).toBe(expected);
  });
});

describe("computes without public addresses", () => {
  const alone = { natGateway: null };
  it.each([
    ["go out by a NAT gateway", place(), "pass"],
    [
      "go out by a firewall",
      place({ subnet: alone, table: routeTable("0.0.0.0/0 VirtualAppliance 10.0.1.4") }),
      "pass",
    ],
    [
      "have no way out",
      place({ compute: cluster(lost), subnet: alone }),
      `cmp-npip-without-outbound confirmed ${subnetId}`,
    ],
    ["have none that is theirs", place({ subnet: alone }), `cmp-npip-without-outbound likely ${subnetId}`],
    [
      "prove the opposite while they work",
      place({ compute: cluster(busy), subnet: alone }),
      `cmp-npip-without-outbound warning ${subnetId}`,
    ],
    [
      "are not helped by routes inside of the network",
      place({ subnet: alone, table: routeTable("10.0.0.0/8 VirtualAppliance 10.0.1.4") }),
      `cmp-npip-without-outbound likely ${subnetId}`,
    ],
    [
      "are cut off by a route to nowhere",
      place({ table: routeTable("0.0.0.0/0 None") }),
      `cmp-npip-without-outbound confirmed ${subnetId}`,
    ],
    [
      "are not meant where addresses are public",
      place({ compute: cluster({ enableNodePublicIp: true }), subnet: alone }),
      "skip",
    ],
  ])("%s", (_, where, expected) => {
    expect(told(judgeWith(outboundPath, { places: [where] })[0])).toBe(expected);
  });

  const named = saying("Disable privateLinkServiceNetworkPolicies on the subnet first");
  it.each([
    [
      "do not mind policies that nothing names",
      place({ compute: cluster(lost), subnet: { privateLinkServiceNetworkPolicies: "Enabled" } }),
      "pass",
    ],
    [
      "are stopped by policies that their error names",
      place({ compute: cluster(named), subnet: { privateLinkServiceNetworkPolicies: "enabled" } }),
      `cmp-npip-subnet-network-policies confirmed ${subnetId}`,
    ],
    [
      "are not stopped by policies that are off by now",
      place({ compute: cluster(named), subnet: { privateLinkServiceNetworkPolicies: "Disabled" } }),
      "pass",
    ],
  ])("%s", (_, where, expected) => {
    expect(told(judgeWith(networkPolicies, { places: [where] })[0])).toBe(expected);
  });
});

describe("a subnet of computes", () => {
  it.each([
    ["has room", place({ compute: cluster({ currentNodeCount: 1, targetNodeCount: 4 }) }), "pass"],
    [
      "is too small for what is asked",
      place({
        compute: cluster({ currentNodeCount: 2, targetNodeCount: 4 }),
        subnet: { addressPrefix: "10.1.2.0/29" },
      }),
      `cmp-subnet-ips-exhausted confirmed ${subnetId}`,
    ],
    [
      "is small and enough",
      place({
        compute: cluster({ currentNodeCount: 2, targetNodeCount: 2 }),
        subnet: { addressPrefix: "10.1.2.0/29" },
      }),
      "pass",
    ],
    [
      "is full, as the service says",
      place({ compute: cluster(saying("SubnetIsFull")) }),
      `cmp-subnet-ips-exhausted confirmed ${subnetId}`,
    ],
  ])("%s", (_, where, expected) => {
    expect(told(judgeWith(addresses, { places: [where] })[0])).toBe(expected);
  });

  const delegated = { delegations: [{ name: "web", properties: { serviceName: "Microsoft.Web/serverFarms" } }] };
  it.each([
    ["is delegated, and nothing has failed", place({ subnet: delegated }), "pass"],
    [
      "is delegated, and the compute failed",
      place({ compute: cluster({}, "Failed"), subnet: delegated }),
      `cmp-subnet-delegated-or-tenant likely ${clusterId}`,
    ],
    [
      "is delegated, as the error says",
      place({ compute: cluster(saying("The subnet is delegated"), "Failed"), subnet: delegated }),
      `cmp-subnet-delegated-or-tenant confirmed ${clusterId}`,
    ],
    [
      "is in another region, and the compute failed",
      place({ compute: cluster({}, "Failed"), networkLocation: "West US" }),
      `cmp-vnet-region-subscription-mismatch likely ${clusterId}`,
    ],
    [
      "is in the same region, spelled otherwise",
      place({ compute: cluster({}, "Failed"), networkLocation: "East US 2" }),
      "pass",
    ],
  ])("%s", (_, where, expected) => {
    expect(told(judgeWith(placement, { places: [where], workspace: { id: workspaceId } })[0])).toBe(expected);
  });
});

describe("what a compute says", () => {
  it.each([
    ["nothing", cluster(), "pass"],
    [
      "missing rules",
      cluster(saying("The subnet has a network security group (nsg) that is missing the following rules below")),
      `cmp-subnet-nsg-missing-rules confirmed ${clusterId}`,
    ],
    [
      "a policy",
      cluster(saying("RequestDisallowedByPolicy: no public addresses here")),
      `cmp-policy-lock-quota confirmed ${clusterId}`,
    ],
    ["something else", cluster(saying("out of cores")), "pass"],
  ])("%s", (_, compute, expected) => {
    expect(told(judgeWith(provisioning, { computes: [compute], subnets: absent })[0])).toBe(expected);
  });

  it.each([
    ["all nodes in use", cluster(busy), "pass"],
    ["lost nodes", cluster(lost), `cmp-nodes-unusable confirmed ${clusterId}`],
  ])("%s", (_, compute, expected) => {
    const workspace = { properties: { storageAccount: "/account" } };
    expect(told(judgeWith(nodes, { computes: [compute], subnets: seen([]), workspace })[0])).toBe(expected);
  });

  it("nodes are about the account whose file shares they mount", () => {
    const workspace = { properties: { storageAccount: "/account" } };
    const [verdict] = judgeWith(nodes, { computes: [cluster(lost)], subnets: seen([]), workspace });
    expect(verdict?.is === "found" ? verdict.about : []).toContain("/account");
  });
});
