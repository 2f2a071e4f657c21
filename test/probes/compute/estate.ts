import type { Compute } from "../../../src/facts/computes.ts";
import type { ComputeEgress } from "../../../src/facts/compute-egress.ts";
import { computeEgress } from "../../../src/facts/compute-egress.ts";
import type { ComputeSubnet } from "../../../src/facts/compute-subnets.ts";
import type { Firewall } from "../../../src/facts/firewalls.ts";
import type { NetworkSecurityGroup } from "../../../src/facts/network-security-groups.ts";
import type { RouteTable } from "../../../src/facts/route-tables.ts";
import { absent, seen, valueOf, type Observation } from "../../../src/model/observation.ts";
import type { Context } from "../../../src/model/ports.ts";

const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-example";
export const workspaceId = `${group}/providers/Microsoft.MachineLearningServices/workspaces/example`;
export const subnetId = `${group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/computes`;
export const groupId = `${group}/providers/Microsoft.Network/networkSecurityGroups/nsg`;
export const tableId = `${group}/providers/Microsoft.Network/routeTables/rt`;
export const policyId = `${group}/providers/Microsoft.Network/firewallPolicies/policy`;
export const clusterId = `${workspaceId}/computes/cluster`;

type ComputeProperties = NonNullable<Compute["properties"]["properties"]>;

/** A cluster in the computes' subnet, idle and without nodes. */
export function cluster(more: Partial<ComputeProperties> = {}, provisioningState = "Succeeded"): Compute {
  return {
    id: clusterId,
    name: "cluster",
    location: "eastus2",
    identity: null,
    properties: {
      computeType: "AmlCompute",
      computeLocation: "eastus2",
      provisioningState,
      properties: {
        enableNodePublicIp: false,
        subnet: { id: subnetId },
        currentNodeCount: 0,
        targetNodeCount: 0,
        nodeStateCounts: { unusableNodeCount: 0 },
        ...more,
      },
    },
  };
}

/** What a cluster looks like whose nodes are lost. */
export const lost: Partial<ComputeProperties> = { nodeStateCounts: { unusableNodeCount: 2 } };
/** What a cluster looks like whose nodes work. */
export const busy: Partial<ComputeProperties> = { nodeStateCounts: { unusableNodeCount: 0, runningNodeCount: 2 } };

/** An error as a compute reports it. */
export function saying(message: string): Partial<ComputeProperties> {
  return { ...lost, errors: [{ error: { code: "Example", message } }] };
}

/** A rule in wire form: `Outbound 100 Allow Tcp Storage 443`; the place is the source of inbound rules. */
export function rule(line: string): NonNullable<NetworkSecurityGroup["properties"]["securityRules"]>[number] {
  const [direction = "", priority = "", access = "", protocol = "", place = "", ports = ""] = line.split(" ");
  const isInbound = direction === "Inbound";
  return {
    name: line,
    properties: {
      direction,
      priority: Number(priority),
      access,
      protocol,
      sourceAddressPrefix: isInbound ? place : "*",
      destinationAddressPrefix: isInbound ? "*" : place,
      sourcePortRange: "*",
      destinationPortRanges: ports.split(","),
    },
  };
}

/** Outbound rules for all that computes need, and none for anything else. */
export const requiredRules = [
  "AzureActiveDirectory 443",
  "AzureMachineLearning 443,8787,18881",
  "BatchNodeManagement.eastus2 443",
  "AzureResourceManager 443",
  "Storage.eastus2 443,445",
  "MicrosoftContainerRegistry.eastus2 443",
  "AzureFrontDoor.FirstParty 443",
  "AzureFrontDoor.Frontend 443",
  "AzureMonitor 443",
]
  .map((line, index) => `Outbound ${100 + index} Allow Tcp ${line}`)
  .concat("Outbound 150 Allow Udp AzureMachineLearning 5831");
export const refuseAll = "Outbound 4096 Deny * * *";

/** The security group of the computes' subnet. */
export function securityGroup(...lines: readonly string[]): Observation<NetworkSecurityGroup> {
  return seen({ id: groupId, name: "nsg", properties: { securityRules: lines.map(rule) } });
}

/** The route table of the computes' subnet; routes as `0.0.0.0/0 VirtualAppliance 10.0.1.4`. */
export function routeTable(...lines: readonly string[]): Observation<RouteTable> {
  const routes = lines.map((line) => {
    const [addressPrefix, nextHopType, nextHopIpAddress] = line.split(" ");
    return { name: addressPrefix, properties: { addressPrefix, nextHopType, nextHopIpAddress } };
  });
  return seen({ id: tableId, name: "rt", properties: { routes } });
}

interface PlaceWish {
  readonly compute?: Compute;
  readonly group?: Observation<NetworkSecurityGroup>;
  readonly table?: Observation<RouteTable>;
  readonly subnet?: Record<string, unknown>;
  readonly networkLocation?: string;
}

/** The computes' subnet: with a NAT gateway, and no rules unless given. */
export function place({
  compute = cluster(),
  group: rules = absent,
  table = absent,
  subnet = {},
  networkLocation = "eastus2",
}: PlaceWish = {}): ComputeSubnet {
  return {
    id: subnetId,
    computes: [compute],
    subnet: seen({
      id: subnetId,
      properties: {
        addressPrefix: "10.1.2.0/24",
        natGateway: { id: `${group}/providers/Microsoft.Network/natGateways/nat` },
        ...subnet,
      },
    }),
    networkLocation,
    securityGroup: rules,
    routeTable: table,
  };
}

/** What the computes' rules let through, with a firewall at 10.0.1.4 when there are rules for one. */
export async function egressOf(where: ComputeSubnet, firewall?: Firewall["rules"]): Promise<ComputeEgress[]> {
  const found =
    firewall === undefined
      ? []
      : [
          {
            id: `${group}/providers/Microsoft.Network/azureFirewalls/fw`,
            address: "10.0.1.4",
            policyId,
            rules: firewall,
          },
        ];
  const facts = {
    target: { cloud: "AzureCloud" },
    workspace: { id: workspaceId, location: "eastus2", properties: {} },
    subnets: [where],
    firewalls: { found, subscriptions: [] },
    names: absent,
  };
  return valueOf(await computeEgress.collect(facts, {} as Context)) ?? [];
}
