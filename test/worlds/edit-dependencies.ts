import type { World } from "../../src/lab/world.ts";
import { add, answerLike, azureDns, publicDns, remove, resource, resources, set, tcp } from "./edit.ts";

type Json = Record<string, unknown>;

const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers";
export const workspaceResource = `${group}/Microsoft.MachineLearningServices/workspaces/mlprod`;
export const accountResource = `${group}/Microsoft.Storage/storageAccounts/stmlprod`;
export const networkGroup = group.replace("rg-ml", "rg-net");

/** The objects whose identities hold roles in every baseline. */
export const principals = {
  endpoint: "468bbb1a-c55c-5631-bef0-a9fe3cb72408",
  workspace: "78ef7553-0124-5af9-acce-5cbf9a07bead",
} as const;

/** A dependency's private endpoint in the clients' network: its name, its address, and the resource it leads to. */
export interface Door {
  readonly endpoint: string;
  readonly address: string;
  readonly target: string;
  readonly zone: string;
  /** Part of the names that it serves. */
  readonly names: RegExp;
}
export const doors = {
  vault: {
    endpoint: "pe-kv",
    address: "10.1.0.12",
    target: "/vaults/kvmlprod",
    zone: "privatelink.vaultcore.azure.net",
    names: /kvmlprod|azkms/,
  },
  blob: {
    endpoint: "pe-blob",
    address: "10.1.0.10",
    target: "/storageAccounts/stmlprod",
    zone: "privatelink.blob.core.windows.net",
    names: /blob\./,
  },
  file: {
    endpoint: "pe-file",
    address: "10.1.0.11",
    target: "/storageAccounts/stmlprod",
    zone: "privatelink.file.core.windows.net",
    names: /file\./,
  },
  queue: {
    endpoint: "pe-queue",
    address: "10.1.0.15",
    target: "/storageAccounts/stmlprod",
    zone: "privatelink.queue.core.windows.net",
    names: /queue\./,
  },
  table: {
    endpoint: "pe-table",
    address: "10.1.0.16",
    target: "/storageAccounts/stmlprod",
    zone: "privatelink.table.core.windows.net",
    names: /table\./,
  },
  registry: {
    endpoint: "pe-acr",
    address: "10.1.0.13",
    target: "/registries/acrmlprod",
    zone: "privatelink.azurecr.io",
    names: /azurecr|0318eus2/,
  },
} as const satisfies Record<string, Door>;

function embedded(world: World, target: string): { properties: Json }[] {
  return resource(world, target).properties.privateEndpointConnections as { properties: Json }[];
}

/** Sets the state of every connection of a target whose text holds `part`: in the target, in its list and at the endpoint. */
export function connectionState(world: World, target: string, part: string, status: string): void {
  const setState = (one: { properties: Json }): void => {
    const state = one.properties.privateLinkServiceConnectionState as Json;
    one.properties.privateLinkServiceConnectionState = { ...state, status };
  };
  const listed = world.arm.resources.filter(({ type }) => type.endsWith("/privateEndpointConnections"));
  for (const one of [...embedded(world, target), ...(listed as unknown as { properties: Json }[])])
    if (JSON.stringify(one).includes(part)) setState(one);
  for (const { id, properties } of resources(world, "Microsoft.Network/privateEndpoints"))
    if (id.endsWith(`/${part}`))
      for (const each of properties.privateLinkServiceConnections as { properties: Json }[]) setState(each);
}

/** Leaves a door's connection in a state in which it carries nothing. */
export function close(world: World, door: Door, status: string): void {
  connectionState(world, door.target, door.endpoint, status);
  tcp(world, (address) => address === door.address, "timeout");
}

/** Takes a door away as if it had never been there: endpoint, connection, zone; names lead to the public addresses. */
export function takeAway(world: World, door: Door): void {
  const part = `/privateEndpoints/${door.endpoint}`;
  const properties = resource(world, door.target).properties;
  properties.privateEndpointConnections = embedded(world, door.target).filter(
    (each) => !JSON.stringify(each).includes(part),
  );
  world.arm.resources = world.arm.resources.filter(
    (each) => !(each.type.endsWith("/privateEndpointConnections") && JSON.stringify(each).includes(part)),
  );
  remove(world, part);
  remove(world, `/networkInterfaces/${door.endpoint}`);
  remove(world, `/privateDnsZones/${door.zone}`);
  answerLike(world, azureDns, publicDns, (name) => door.names.test(name));
  tcp(world, (address) => address === door.address, "timeout");
}

/** Takes connections of a target away that no endpoint of this subscription has. */
export function forgetConnection(world: World, target: string, part: string): void {
  const properties = resource(world, target).properties;
  const keep = (each: unknown): boolean => !JSON.stringify(each).includes(part);
  properties.privateEndpointConnections = embedded(world, target).filter(keep);
  world.arm.resources = world.arm.resources.filter(
    (each) => !each.type.endsWith("/privateEndpointConnections") || keep(each),
  );
}

/** Takes the roles away that a principal holds on what ends in `scope`. */
export function revoke(world: World, principal: string, scope: string): void {
  for (const { id, properties } of resources(world, "Microsoft.Authorization/roleAssignments")) {
    const at = String(properties.scope).toLowerCase();
    if (properties.principalId === principal && at.endsWith(scope.toLowerCase())) remove(world, id);
  }
}

/** Sets the workspace's identity. */
export function identify(world: World, identity: Json): void {
  Object.assign(resource(world, "/workspaces/mlprod"), { identity });
}

/** What is set of the default storage account's rules for networks, beside what is there. */
export function accountRules(world: World, rules: Json): void {
  const acls = resource(world, "/storageAccounts/stmlprod").properties.networkAcls as Json;
  set(world, "/storageAccounts/stmlprod", { networkAcls: { ...acls, ...rules } });
}

/** A connection of an endpoint that is in nobody's subscription here waits to be approved. */
export function strangerAsks(world: World, target: string): void {
  const to = resource(world, target);
  const endpoint =
    "/subscriptions/00000000-0000-4000-8000-0000000000ff/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe-theirs";
  const properties = {
    provisioningState: "Succeeded",
    privateEndpoint: { id: endpoint },
    privateLinkServiceConnectionState: { status: "Pending", description: "let us in", actionsRequired: "None" },
  };
  const connection = { id: `${to.id}/privateEndpointConnections/theirs`, properties };
  (to.properties.privateEndpointConnections as unknown[]).push(connection);
  add(world, { ...connection, name: "theirs", type: `${String(to.type)}/privateEndpointConnections` });
}

/** The account has no private endpoint, and its public address answers callers that it admits. */
export function openAccount(world: World): void {
  for (const door of [doors.blob, doors.file, doors.queue, doors.table]) takeAway(world, door);
  forgetConnection(world, "/storageAccounts/stmlprod", "score1-blue-");
  set(world, "/storageAccounts/stmlprod", { publicNetworkAccess: "Enabled" });
  for (const { address, http = [] } of world.network.endpoints)
    if (address.startsWith("20.150.30."))
      for (const rule of http)
        Object.assign(rule, { body: "", headers: { ...rule.headers, "x-ms-error-code": "AuthenticationFailed" } });
}

/** The account has no private endpoint: it admits the clients' subnet, and another with these services on. */
export function admitSubnets(world: World, services: readonly string[], places = /snet-(?:jump|compute)$/): void {
  openAccount(world);
  const network = resource(world, "/virtualNetworks/vnet-spoke").properties.subnets as {
    id: string;
    properties: object;
  }[];
  const admitted = network.filter(({ id }) => places.test(id));
  for (const { id, properties } of admitted) {
    const on = id.endsWith("snet-jump") ? ["Microsoft.Storage"] : services;
    Object.assign(properties, { serviceEndpoints: on.map((service) => ({ service })) });
  }
  accountRules(world, { virtualNetworkRules: admitted.map(({ id }) => ({ id, action: "Allow" })) });
}
