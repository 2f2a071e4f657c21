import { randomUUID } from "node:crypto";
import { clouds } from "../model/cloud.ts";
import { objectOf, objectsOf, propertiesOf, textOf, type Draft } from "./draft.ts";
import { isPrivateAddress } from "../model/address.ts";
import { membersOf, type Member } from "./private-link-members.ts";
import { dropZoneGroup } from "./zone-groups.ts";
import type { World, WorldResource } from "./world.ts";

const approved = { status: "Approved", description: "Auto-Approved", actionsRequired: "None" };

/** Tells a connection's private endpoint the state that the owner of the service has given it. */
export function settleConnection(draft: Draft, connection: WorldResource): void {
  const { privateEndpoint, privateLinkServiceConnectionState: state } = propertiesOf(connection);
  const endpoint = draft.find(textOf(objectOf(privateEndpoint)["id"]));
  const target = connection.id.slice(0, connection.id.toLowerCase().lastIndexOf("/privateendpointconnections/"));
  const { privateLinkServiceConnections, manualPrivateLinkServiceConnections } = propertiesOf(endpoint);
  for (const each of [...objectsOf(privateLinkServiceConnections), ...objectsOf(manualPrivateLinkServiceConnections)]) {
    const properties = objectOf(each["properties"]);
    if (textOf(properties["privateLinkServiceId"]).toLowerCase() === target.toLowerCase())
      properties["privateLinkServiceConnectionState"] = { ...objectOf(state) };
  }
  if (objectOf(state)["status"] === "Approved") letThrough(draft, endpoint);
}

/** An endpoint whose connection was not approved takes no packets and has no names; from now on it does. */
function letThrough({ world, find }: Draft, endpoint: WorldResource | undefined): void {
  const { privateLinkServiceConnections, manualPrivateLinkServiceConnections, networkInterfaces } =
    propertiesOf(endpoint);
  const members = [...objectsOf(privateLinkServiceConnections), ...objectsOf(manualPrivateLinkServiceConnections)]
    .map((connection) => objectOf(connection["properties"]))
    .flatMap(({ privateLinkServiceId, groupIds }) => {
      const target = find(textOf(privateLinkServiceId));
      const groups = Array.isArray(groupIds) ? groupIds.map(textOf) : [];
      return target === undefined ? [] : groups.flatMap((group) => membersOf(target, group, clouds[world.cloud]));
    });
  for (const each of objectsOf(networkInterfaces).flatMap(({ id }) =>
    objectsOf(propertiesOf(find(textOf(id)))["ipConfigurations"]),
  )) {
    const { privateIPAddress, privateLinkConnectionProperties } = objectOf(each["properties"]);
    const link = objectOf(privateLinkConnectionProperties);
    const member = members.find((one) => one.member === link["requiredMemberName"]);
    const listeners = world.network.endpoints.filter(({ address }) => address === privateIPAddress);
    if (member === undefined || listeners.some(({ tcp }) => tcp === "open")) continue;
    link["fqdns"] = [...member.fqdns];
    world.network.endpoints = world.network.endpoints.filter((listener) => !listeners.includes(listener));
    open(world, textOf(privateIPAddress), member);
  }
}

/** Gives a new private endpoint what the service gives it: an interface with addresses, and an approved connection at the
 * resource that it leads to. Whoever may write both sides gets approved at once. */
export function buildEndpoint(draft: Draft, endpoint: WorldResource): void {
  const properties = propertiesOf(endpoint);
  const subnetId = textOf(objectOf(properties["subnet"])["id"]);
  const nicId = `${endpoint.id}.nic.${randomUUID()}`.replace(/\/privateEndpoints\//i, "/networkInterfaces/");
  const configurations: unknown[] = [];
  for (const connection of objectsOf(properties["privateLinkServiceConnections"])) {
    const link = objectOf(connection["properties"]);
    const target = draft.find(textOf(link["privateLinkServiceId"]));
    const groupIds = link["groupIds"];
    if (target === undefined) continue;
    Object.assign(link, { provisioningState: "Succeeded", privateLinkServiceConnectionState: { ...approved } });
    for (const groupId of Array.isArray(groupIds) ? groupIds.map(textOf) : []) {
      for (const member of membersOf(target, groupId, clouds[draft.world.cloud])) {
        const address = freeAddress(draft, subnetId);
        open(draft.world, address, member);
        configurations.push(configuration(nicId, subnetId, address, groupId, member));
      }
    }
    const name = `${target.name ?? ""}.${randomUUID()}`;
    draft.put({
      id: `${target.id}/privateEndpointConnections/${name}`,
      name,
      type: `${target.type}/privateEndpointConnections`,
      properties: {
        privateEndpoint: { id: endpoint.id },
        privateLinkServiceConnectionState: { ...approved },
        provisioningState: "Succeeded",
      },
    });
  }
  draft.put({
    id: nicId,
    name: nicId.slice(nicId.lastIndexOf("/") + 1),
    type: "Microsoft.Network/networkInterfaces",
    location: endpoint["location"],
    properties: { provisioningState: "Succeeded", ipConfigurations: configurations },
  });
  Object.assign(properties, { networkInterfaces: [{ id: nicId }], customDnsConfigs: [] });
}

/** Takes away what stands and falls with a private endpoint: its interface, its records, its connections. */
export function clearEndpoint(draft: Draft, endpoint: WorldResource, groups: readonly WorldResource[]): void {
  groups.forEach((group) => {
    dropZoneGroup(draft, group);
  });
  for (const { id } of objectsOf(propertiesOf(endpoint)["networkInterfaces"])) {
    const nic = draft.find(textOf(id));
    for (const each of objectsOf(propertiesOf(nic)["ipConfigurations"])) {
      const address = textOf(objectOf(each["properties"])["privateIPAddress"]);
      for (const listener of draft.world.network.endpoints) if (listener.address === address) listener.tcp = "timeout";
    }
    draft.drop(textOf(id));
  }
  for (const connection of draft.world.arm.resources.filter(
    ({ type, properties }) =>
      type.toLowerCase().endsWith("/privateendpointconnections") &&
      textOf(objectOf(objectOf(properties)["privateEndpoint"])["id"]).toLowerCase() === endpoint.id.toLowerCase(),
  ))
    draft.drop(connection.id);
}

function configuration(
  nicId: string,
  subnetId: string,
  address: string,
  groupId: string,
  { member, fqdns }: Member,
): Record<string, unknown> {
  const name = `privateEndpointIpConfig.${randomUUID()}`;
  return {
    name,
    id: `${nicId}/ipConfigurations/${name}`,
    properties: {
      provisioningState: "Succeeded",
      privateIPAddress: address,
      privateIPAllocationMethod: "Dynamic",
      subnet: { id: subnetId },
      privateIPAddressVersion: "IPv4",
      privateLinkConnectionProperties: { groupId, requiredMemberName: member, fqdns },
    },
  };
}

/** The first address of a subnet that nothing has. The service keeps the first four for itself. */
function freeAddress(draft: Draft, subnetId: string): string {
  const { addressPrefix, addressPrefixes } = propertiesOf(draft.find(subnetId));
  const prefix = textOf(addressPrefix) || textOf(Array.isArray(addressPrefixes) ? addressPrefixes[0] : undefined);
  const stem = prefix.split(".").slice(0, 3).join(".");
  const taken = JSON.stringify(draft.world.arm.resources);
  const inUse = new Set(draft.world.network.endpoints.map(({ address }) => address));
  for (let last = 4; last < 255; last += 1) {
    const address = `${stem}.${last}`;
    if (!inUse.has(address) && !taken.includes(`"${address}"`)) return address;
  }
  throw new Error(`no address is free in ${subnetId}`);
}

/** Lets an address answer as another private address of the same service does, else with a certificate like that of the
 * public one. */
function open(world: World, address: string, { fqdns }: Member): void {
  const names = fqdns.map((fqdn) => fqdn.toLowerCase());
  const like = world.network.endpoints.filter((each) => each.tls?.names.some((name) => covers(name, names)));
  const isPrivate = (each: { address: string }): boolean => isPrivateAddress(each.address);
  const known = like.find((each) => isPrivate(each) && each.port === 443) ?? {
    tls: like[0]?.tls ?? { names: [...fqdns], issuer: "public-ca" as const },
    http: [{ status: 401, headers: {}, body: "" }],
  };
  world.network.endpoints.push({ ...known, address, port: 443, tcp: "open" });
  if (names.some((name) => name.includes(".file."))) world.network.endpoints.push({ address, port: 445, tcp: "open" });
}

function covers(pattern: string, names: readonly string[]): boolean {
  const tail = pattern.toLowerCase().replace(/^\*\./, "");
  return names.some((name) => name === tail || name === pattern.toLowerCase() || name.replace(/^[^.]+\./, "") === tail);
}
