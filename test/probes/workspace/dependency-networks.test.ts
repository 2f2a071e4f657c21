import { describe, expect, it } from "vitest";
import probe from "../../../probes/workspace/dependency-networks.ts";
import { seen } from "../../../src/model/observation.ts";
import { accounts, ids, registry, vault, workspace } from "../dependencies.ts";
import { verdictOf } from "../verdict-of.ts";

const root = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network";
const network = (name: string): string => `${root}/virtualNetworks/${name}`;

function endpoint(net: string, target: string, group: string) {
  const id = `${root}/privateEndpoints/${net}-${group}`;
  const link = {
    name: "c",
    properties: {
      privateLinkServiceId: target,
      groupIds: [group],
      privateLinkServiceConnectionState: { status: "Approved" },
    },
  };
  return {
    id,
    targets: [target],
    endpoint: seen({
      id,
      properties: { subnet: { id: `${network(net)}/subnets/s` }, privateLinkServiceConnections: [link] },
    }),
    interfaces: [],
    zoneGroups: seen([]),
  };
}

const dependencies = (net: string) => [
  endpoint(net, ids.account, "blob"),
  endpoint(net, ids.account, "file"),
  endpoint(net, ids.vault, "vault"),
  endpoint(net, ids.registry, "registry"),
];

function peered(from: string, ...to: string[]) {
  return {
    id: network(from),
    network: { is: "absent" },
    peerings: seen(
      to.map((name) => ({
        id: `${network(from)}/virtualNetworkPeerings/${name}`,
        properties: { peeringState: "Connected", remoteVirtualNetwork: { id: network(name) } },
      })),
    ),
  };
}

function facts(entries: readonly unknown[], networks: readonly unknown[]) {
  return {
    workspace: workspace(),
    privateEndpoints: { entries },
    networks,
    vault: seen(vault()),
    registry: seen(registry()),
    accounts: seen(accounts()),
    names: { is: "absent" },
    zones: { is: "absent" },
  };
}

const apart = [peered("a"), peered("b")];

describe("workspace/dependency-networks", () => {
  it.each([
    ["all in one network", facts([endpoint("a", ids.workspace, "amlworkspace"), ...dependencies("a")], apart), "pass"],
    [
      "dependencies in a network apart",
      facts([endpoint("a", ids.workspace, "amlworkspace"), ...dependencies("b")], apart),
      "ws-dependencies-different-vnet",
    ],
    [
      "dependencies in a peered network",
      facts([endpoint("a", ids.workspace, "amlworkspace"), ...dependencies("b")], [peered("a", "b"), peered("b", "a")]),
      "pass",
    ],
    [
      "a second network without dependencies",
      facts(
        [
          endpoint("a", ids.workspace, "amlworkspace"),
          endpoint("b", ids.workspace, "amlworkspace"),
          ...dependencies("a"),
        ],
        apart,
      ),
      "ws-multiple-pe-vnets-missing-deps",
    ],
    [
      "peerings that nobody knows",
      facts([endpoint("a", ids.workspace, "amlworkspace"), ...dependencies("b")], []),
      "pass",
    ],
    ["no private endpoint of the workspace", facts(dependencies("a"), apart), "skip"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });
});
