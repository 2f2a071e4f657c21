import type { World } from "../../src/lab/world.ts";
import { networkGroup } from "./edit-dependencies.ts";
import { add, resource, resources } from "./edit.ts";

type Json = Record<string, unknown>;

/** Where every network resource of the baselines stands. */
export const networkProvider = `${networkGroup}/Microsoft.Network`;

/** Sets properties of a subnet of `vnet-spoke`, in its own entry and within its network. */
export function subnet(world: World, name: string, properties: Json): void {
  const own = resource(world, `/vnet-spoke/subnets/${name}`);
  const listed = resource(world, "/virtualNetworks/vnet-spoke").properties.subnets as {
    id: string;
    properties: Json;
  }[];
  for (const one of [own, ...listed.filter(({ id }) => id === own.id)]) Object.assign(one.properties, properties);
}

/** `direction priority access protocol place ports`; the place is the source of inbound rules. */
export function rule(line: string): Json {
  const [direction, priority, access, protocol, place, ports = "*"] = line.split(" ");
  const isInbound = direction === "Inbound";
  return {
    name: line.replaceAll(/[^A-Za-z0-9]+/g, "-"),
    properties: {
      direction,
      priority: Number(priority),
      access,
      protocol,
      sourcePortRange: "*",
      sourceAddressPrefix: isInbound ? place : "*",
      destinationAddressPrefix: isInbound ? "*" : place,
      ...(ports.includes(",") ? { destinationPortRanges: ports.split(",") } : { destinationPortRange: ports }),
    },
  };
}

/** Adds rules to a security group. */
export function addRules(world: World, group: string, ...lines: readonly string[]): void {
  (resource(world, `/networkSecurityGroups/${group}`).properties.securityRules as Json[]).push(...lines.map(rule));
}

/** Takes rules out of a security group: those whose name contains the text. */
export function dropRules(world: World, group: string, part: string): void {
  const { properties } = resource(world, `/networkSecurityGroups/${group}`);
  properties.securityRules = (properties.securityRules as { name: string }[]).filter(
    ({ name }) => !name.includes(part),
  );
}

/** Puts a new security group with these rules before a subnet. */
export function guard(world: World, subnetName: string, ...lines: readonly string[]): void {
  const id = `${networkProvider}/networkSecurityGroups/nsg-${subnetName}`;
  const type = "Microsoft.Network/networkSecurityGroups";
  const properties = { securityRules: lines.map(rule), defaultSecurityRules: [] };
  add(world, { id, name: `nsg-${subnetName}`, type, location: "eastus2", properties });
  subnet(world, subnetName, { networkSecurityGroup: { id } });
}

/** Sends a subnet's traffic for a prefix to an appliance; `10.0.1.4` is the baselines' firewall. */
export function route(world: World, subnetName: string, addressPrefix: string, nextHopIpAddress: string): void {
  const id = `${networkProvider}/routeTables/rt-${subnetName}`;
  const routes = [
    { name: "to-appliance", properties: { addressPrefix, nextHopType: "VirtualAppliance", nextHopIpAddress } },
  ];
  add(world, {
    id,
    name: `rt-${subnetName}`,
    type: "Microsoft.Network/routeTables",
    location: "eastus2",
    properties: { routes },
  });
  subnet(world, subnetName, { routeTable: { id } });
}

interface Collection {
  name: string;
  rules: ({ name: string } & Json)[];
}

/** The rule collections of the hub's firewall: network rules, and rules of names. */
function collections(world: World): Collection[] {
  return resource(world, "/ruleCollectionGroups/rcg-aml").properties.ruleCollections as Collection[];
}

/** Takes rules out of the hub's firewall, by name. */
export function forbid(world: World, ...names: readonly string[]): void {
  for (const collection of collections(world))
    collection.rules = collection.rules.filter(({ name }) => !names.includes(name));
}

/** Changes a rule of the hub's firewall. */
export function reword(world: World, name: string, change: Json): void {
  for (const { rules } of collections(world))
    for (const one of rules) if (one.name === name) Object.assign(one, change);
}

/** Sends all that leaves the computes' subnet through the hub's firewall. */
export function throughFirewall(world: World): void {
  route(world, "snet-compute", "0.0.0.0/0", "10.0.1.4");
}

/** What ARM says of a compute, beside what is there. */
export function computeSays(world: World, name: string, its: Json, outer: Json = {}): void {
  const { properties } = resource(world, `/computes/${name}`);
  Object.assign(properties, outer);
  Object.assign(properties.properties as Json, its);
}

/** Nodes of the training cluster are lost, and the service says this of it, if anything. */
export function loseNodes(world: World, message?: string): void {
  computeSays(world, "train-cluster", {
    nodeStateCounts: { unusableNodeCount: 2, runningNodeCount: 0, idleNodeCount: 0 },
    currentNodeCount: 2,
    targetNodeCount: 2,
    ...(message === undefined ? {} : { errors: [{ error: { code: "ClusterNodesUnusable", message } }] }),
  });
}

/** A compute could not be made. */
export function failToMake(world: World, name: string, code: string, message: string): void {
  computeSays(world, name, {}, { provisioningState: "Failed", provisioningErrors: [{ error: { code, message } }] });
}

/** A network of its own for a cluster's nodes, peered with the workspace's network or not. */
export function addNetwork(
  world: World,
  name: string,
  location: string,
  isPeered: boolean,
  peeringState = "Connected",
): string {
  const id = `${networkProvider}/virtualNetworks/${name}`;
  const type = "Microsoft.Network/virtualNetworks";
  const spoke = resources(world, type).find((one) => one.name === "vnet-spoke")?.id;
  const nodes = { id: `${id}/subnets/snet-nodes`, name: "snet-nodes", properties: { addressPrefix: "10.9.3.0/24" } };
  const peering = (of: string, remote: string | undefined): { id: string; name: string; type: string } & Json => ({
    id: `${of}/virtualNetworkPeerings/to-${remote?.split("/").at(-1) ?? ""}`,
    name: `to-${remote?.split("/").at(-1) ?? ""}`,
    type: `${type}/virtualNetworkPeerings`,
    properties: { peeringState, remoteVirtualNetwork: { id: remote } },
  });
  const peerings = isPeered ? [peering(id, spoke)] : [];
  const properties = { addressSpace: { addressPrefixes: ["10.9.0.0/16"] }, subnets: [nodes] };
  add(world, { id, name, type, location, properties: { ...properties, virtualNetworkPeerings: peerings } });
  if (isPeered && spoke !== undefined) for (const one of [...peerings, peering(spoke, id)]) add(world, one);
  return nodes.id;
}
