import { inAnyPrefix } from "../model/address.ts";
import { azureDnsAddress } from "../model/cloud.ts";
import { parentId } from "../model/arm-id.ts";
import { nameKey, type WorldRecord } from "./dns-data.ts";
import { objectOf, objectsOf, propertiesOf, textOf, type Draft } from "./draft.ts";
import type { WorldResource } from "./world.ts";

const zoneType = "Microsoft.Network/privateDnsZones";

/** The address records of one zone, as the service answers them: names in full. */
type Records = readonly WorldRecord[];

/**
 * Makes the DNS servers of the world answer as its private zones and their links say. Two kinds of servers follow the
 * zones: Azure's own, for the network of the vantage, and those that stand in a network and already answer as a zone
 * linked to it does, since they forward there. Where a link is gone, the public names take the zone's place.
 */
export function answerFromZones(draft: Draft, before: Draft): void {
  const publicRecords = publicServer(draft);
  for (const [address, server] of Object.entries(draft.world.dns.servers)) {
    const vnetId = networkOf(draft, address);
    if (vnetId === undefined || !follows(before, address, vnetId)) continue;
    for (const zone of zonesOf(draft, before)) {
      const was = linkedZone(before, zone, vnetId);
      const is = linkedZone(draft, zone, vnetId);
      if (JSON.stringify(was) === JSON.stringify(is)) continue;
      const outside = server.records.filter(({ name }) => !isIn(name, zone));
      server.records = [...outside, ...(is ?? publicRecords.filter(({ name }) => isIn(name, zone)))];
    }
  }
}

function zonesOf(...drafts: readonly Draft[]): string[] {
  return [...new Set(drafts.flatMap((draft) => draft.ofType(zoneType)).map(({ id }) => nameOf(id)))];
}

/** The records of the zone of this name that is linked to a network; undefined when none is. */
function linkedZone(draft: Draft, name: string, vnetId: string): Records | undefined {
  const link = draft
    .ofType(`${zoneType}/virtualNetworkLinks`)
    .find(
      (each) =>
        nameOf(parentId(each.id)) === name &&
        textOf(objectOf(propertiesOf(each)["virtualNetwork"])["id"]).toLowerCase() === vnetId.toLowerCase(),
    );
  if (link === undefined) return undefined;
  const zoneId = parentId(link.id).toLowerCase();
  const within = (type: string): WorldResource[] =>
    draft.ofType(`${zoneType}/${type}`).filter(({ id }) => parentId(id).toLowerCase() === zoneId);
  return [
    ...within("A").flatMap((each) =>
      objectsOf(propertiesOf(each)["aRecords"]).map(({ ipv4Address }) => ({
        name: recordName(each, name),
        type: "A",
        ttl: Number(propertiesOf(each)["ttl"] ?? 3600),
        data: textOf(ipv4Address),
      })),
    ),
    {
      name,
      type: "SOA",
      ttl: 3600,
      data: "azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10",
    },
  ];
}

function recordName({ id }: WorldResource, zone: string): string {
  const label = nameOf(id);
  return label === "@" ? zone : `${label}.${zone}`;
}

/** Whether a server already answers all records of some zone that is linked to its network. */
function follows(draft: Draft, address: string, vnetId: string): boolean {
  if (address === azureDnsAddress) return true;
  const { records } = draft.world.dns.servers[address] ?? { records: [] };
  const has = (wanted: WorldRecord): boolean =>
    records.some(
      ({ name, type, data }) => nameKey(name) === nameKey(wanted.name) && type === "A" && data === wanted.data,
    );
  return zonesOf(draft).some((zone) => {
    const wanted = linkedZone(draft, zone, vnetId)?.filter(({ type }) => type === "A") ?? [];
    return wanted.length > 0 && wanted.every(has);
  });
}

/** The network that a server answers for: the vantage's for Azure's own, else the one that holds it. */
function networkOf(draft: Draft, address: string): string | undefined {
  if (address === azureDnsAddress) return draft.world.vantage.vnetId;
  return draft.ofType("Microsoft.Network/virtualNetworks").find((network) => {
    const prefixes = objectOf(propertiesOf(network)["addressSpace"])["addressPrefixes"];
    return Array.isArray(prefixes) && inAnyPrefix(address, prefixes.map(textOf));
  })?.id;
}

/** The records of a server that stands in no network: what everybody else is answered. */
function publicServer(draft: Draft): Records {
  const [, server] =
    Object.entries(draft.world.dns.servers).find(([address]) => networkOf(draft, address) === undefined) ?? [];
  return server?.records ?? [];
}

function isIn(name: string, zone: string): boolean {
  const key = nameKey(name);
  return key === zone || key.endsWith(`.${zone}`);
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1).toLowerCase();
}
