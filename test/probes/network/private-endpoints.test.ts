import { describe, expect, it } from "vitest";
import fileShares from "../../../probes/firewall/file-shares.ts";
import addresses from "../../../probes/network/private-endpoint-addresses.ts";
import routes from "../../../probes/network/private-endpoint-routes.ts";
import rules from "../../../probes/network/private-endpoint-rules.ts";
import thisMachine from "../../../probes/network/this-machine-rules.ts";
import type { Verdict } from "../../../src/model/finding.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import { cluster, groupId, lost, place, routeTable, securityGroup, tableId } from "../compute/estate.ts";

const network =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-example/providers/Microsoft.Network/virtualNetworks/vnet";
const endpointSubnet = `${network}/subnets/endpoints`;
const jumpSubnet = `${network}/subnets/jump`;
const endpointId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-example/providers/Microsoft.Network/privateEndpoints/pe";
const here = { name: "jump", addresses: ["10.1.1.4"], subnetId: jumpSubnet, vnetId: network, interfaces: absent };

function told(verdict: Verdict | undefined): string {
  if (verdict?.is !== "found") return verdict?.is ?? "nothing";
  return `${verdict.reason} ${verdict.as ?? verdict.confidence} ${verdict.subject}`;
}

function target(outcome: "open" | "timeout", isApproved = true) {
  return {
    address: "10.1.0.5",
    fqdns: ["kv.vault.example"],
    privateEndpointId: endpointId,
    resourceIds: [],
    subnetId: endpointSubnet,
    isApproved,
    reach: { address: "10.1.0.5", port: 443, host: "kv.vault.example", tcp: { outcome, durationMs: 1 } },
  };
}

interface Wish {
  readonly policies?: string;
  readonly endpointGroup?: boolean;
  readonly jumpGroup?: boolean;
  readonly jumpTable?: boolean;
}

/** A subnet of private endpoints and one with this machine, in one network. */
function subnets({ policies = "Disabled", endpointGroup = false, jumpGroup = false, jumpTable = false }: Wish) {
  const at = (id: string, uses: string[], addressPrefix: string, more: object) => ({
    id,
    uses,
    is: seen({ subnet: { id, properties: { addressPrefix, ...more } }, networkPrefixes: ["10.1.0.0/16"] }),
  });
  return [
    at(endpointSubnet, ["private-endpoint"], "10.1.0.0/24", {
      privateEndpointNetworkPolicies: policies,
      ...(endpointGroup ? { networkSecurityGroup: { id: groupId } } : {}),
    }),
    at(jumpSubnet, ["vantage"], "10.1.1.0/24", {
      ...(jumpGroup ? { networkSecurityGroup: { id: groupId } } : {}),
      ...(jumpTable ? { routeTable: { id: tableId } } : {}),
    }),
  ];
}

describe("rules on the private endpoints' subnet", () => {
  const refuse = "Inbound 100 Deny Tcp 10.1.1.0/24 443";
  it.each([
    [
      "refuse this machine",
      "Enabled",
      "timeout",
      true,
      refuse,
      `pe-network-policies-block-traffic confirmed ${groupId}`,
    ],
    [
      "count where policies take groups in",
      "networksecuritygroupenabled",
      "timeout",
      true,
      refuse,
      `pe-network-policies-block-traffic confirmed ${groupId}`,
    ],
    ["do not count without policies", "Disabled", "timeout", true, refuse, "pass"],
    ["do not count with policies for routes", "RouteTableEnabled", "timeout", true, refuse, "pass"],
    ["are disproved by a connection", "Enabled", "open", true, refuse, "pass"],
    ["do not explain an endpoint that is not approved", "Enabled", "timeout", false, refuse, "pass"],
    ["let the network in by default", "Enabled", "timeout", true, "Inbound 100 Deny Tcp 10.1.9.0/24 443", "pass"],
  ] as const)("%s", (_, policies, outcome, isApproved, line, expected) => {
    const facts = {
      targets: [target(outcome, isApproved)],
      subnets: subnets({ policies, endpointGroup: true }),
      groups: [{ id: groupId, is: securityGroup(line) }],
      vantage: here,
      networks: absent,
    };
    expect(told(judgeWith(rules, facts)[0])).toBe(expected);
  });
});

describe("rules around this machine", () => {
  it.each([
    ["refuse a private endpoint, told with the connections", "timeout", "Outbound 100 Deny * VirtualNetwork *", "skip"],
    ["are disproved by a connection", "open", "Outbound 100 Deny * VirtualNetwork *", "pass"],
    [
      "refuse services that are reached all the same",
      "open",
      "Outbound 100 Deny * Internet *",
      `nsg-jumpbox-outbound-blocked warning ${groupId}`,
    ],
    ["let everything out", "timeout", "Outbound 100 Allow * * *", "pass"],
  ] as const)("%s", (_, outcome, line, expected) => {
    const facts = {
      targets: [target(outcome)],
      routers: absent,
      subnets: subnets({ jumpGroup: true }),
      groups: [{ id: groupId, is: securityGroup(line) }],
      vantage: here,
    };
    expect(told(judgeWith(thisMachine, facts)[0])).toBe(expected);
  });
});

describe("routes from this machine", () => {
  it.each([
    [
      "lead through an appliance, and nothing answers",
      "Enabled",
      "timeout",
      "10.1.0.0/24 VirtualAppliance 10.0.1.4",
      `udr-routes-pe-through-nva likely ${tableId}`,
    ],
    [
      "lead nowhere",
      "RouteTableEnabled",
      "timeout",
      "10.1.0.0/24 None",
      `udr-routes-pe-through-nva confirmed ${tableId}`,
    ],
    ["lead through an appliance that lets through", "Enabled", "open", "10.1.0.0/24 VirtualAppliance 10.0.1.4", "pass"],
    ["do not count without policies", "Disabled", "timeout", "10.1.0.0/24 VirtualAppliance 10.0.1.4", "pass"],
    ["leave private endpoints alone by default", "Enabled", "timeout", "0.0.0.0/0 VirtualAppliance 10.0.1.4", "pass"],
  ] as const)("%s", (_, policies, outcome, line, expected) => {
    const facts = {
      targets: [target(outcome)],
      routers: absent,
      subnets: subnets({ policies, jumpTable: true }),
      tables: [{ id: tableId, is: routeTable(line) }],
      firewalls: { found: [], subscriptions: [] },
      vantage: here,
    };
    expect(told(judgeWith(routes, facts)[0])).toBe(expected);
  });
});

describe("addresses for private endpoints", () => {
  const full = (state: string) => ({
    subnets: [
      {
        id: endpointSubnet,
        uses: ["private-endpoint"],
        is: seen({
          subnet: {
            id: endpointSubnet,
            properties: { addressPrefix: "10.1.0.0/29", ipConfigurations: [{ id: "/a" }, { id: "/b" }] },
          },
          networkPrefixes: [],
        }),
      },
    ],
    privateEndpoints: {
      entries: [
        {
          id: endpointId,
          endpoint: seen({ id: endpointId, properties: { provisioningState: state, subnet: { id: endpointSubnet } } }),
        },
      ],
    },
  });
  it.each([
    ["are few, and an endpoint failed", full("Failed"), `pe-subnet-exhausted likely ${endpointSubnet}`],
    ["are few", full("Succeeded"), `pe-subnet-exhausted warning ${endpointSubnet}`],
    ["are many", { ...full("Failed"), subnets: subnets({}) }, "pass"],
  ])("%s", (_, facts, expected) => {
    expect(told(judgeWith(addresses, facts)[0])).toBe(expected);
  });
});

describe("file shares", () => {
  const share = (outcome: "open" | "timeout") => ({
    fqdn: "kv.vault.example",
    accountId: "/account",
    privateEndpointId: endpointId,
    subnetId: endpointSubnet,
    reach: { ...target(outcome).reach, port: 445 },
  });
  const approved = {
    id: endpointId,
    endpoint: seen({
      id: endpointId,
      properties: {
        privateLinkServiceConnections: [{ properties: { privateLinkServiceConnectionState: { status: "Approved" } } }],
      },
    }),
  };
  const facts = (port445: "open" | "timeout", port443: "open" | "timeout", more: object = {}) => ({
    shares: [share(port445)],
    reaches: [{ fqdn: "kv.vault.example", addresses: [target(port443).reach] }],
    vantage: here,
    privateEndpoints: { entries: [approved] },
    places: seen([place({ compute: cluster(lost) })]),
    egress: absent,
    ...more,
  });
  it.each([
    ["are blocked on their port alone", facts("timeout", "open"), "fw-storage-445-and-ports confirmed 10.1.0.5:445"],
    [
      "are blocked, and no compute needs them",
      facts("timeout", "open", { places: seen([]) }),
      "fw-storage-445-and-ports warning 10.1.0.5:445",
    ],
    ["answer", facts("open", "open"), "pass"],
    ["are silent on every port", facts("timeout", "timeout"), "skip"],
    [
      "are not judged from a laptop",
      facts("timeout", "open", { vantage: { name: "laptop", addresses: ["192.0.2.4"] } }),
      "skip",
    ],
  ])("%s", (_, given, expected) => {
    expect(told(judgeWith(fileShares, given)[0])).toBe(expected);
  });

  it("are not about the computes' subnet when this machine stands in another one", () => {
    const about = (vantage: object): readonly string[] => {
      const [verdict] = judgeWith(fileShares, facts("timeout", "open", { vantage }));
      return verdict?.is === "found" ? verdict.about : [];
    };
    const { id } = place();
    expect(about({ ...here, subnetId: id })).toContain(id);
    expect(about(here)).not.toContain(id);
  });
});
