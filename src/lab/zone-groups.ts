import { clouds } from "../model/cloud.ts";
import { parentId } from "../model/arm-id.ts";
import { objectOf, objectsOf, propertiesOf, textOf, type Draft } from "./draft.ts";
import { membersOf } from "./private-link-members.ts";
import type { WorldResource } from "./world.ts";

/** Writes the record sets of a zone group into its zones, as the service does, and takes away those it no longer names. */
export function writeZoneGroup(draft: Draft, group: WorldResource, before: WorldResource | undefined): void {
  const endpoint = draft.find(parentId(group.id));
  if (endpoint === undefined) return;
  const configs = objectsOf(propertiesOf(group)["privateDnsZoneConfigs"]);
  for (const config of configs) {
    const properties = objectOf(config["properties"]);
    const zoneId = textOf(properties["privateDnsZoneId"]);
    const zone = zoneId.slice(zoneId.lastIndexOf("/") + 1);
    const recordSets = recordsOf(draft, endpoint).filter((record) => record.zone.toLowerCase() === zone.toLowerCase());
    config["properties"] = {
      ...properties,
      provisioningState: "Succeeded",
      recordSets: recordSets.map(({ name, addresses }) => ({
        recordType: "A",
        recordSetName: name,
        fqdn: `${name}.${zone}`,
        ttl: 10,
        provisioningState: "Succeeded",
        ipAddresses: addresses,
      })),
    };
    if (draft.find(zoneId) === undefined) continue;
    for (const { name, addresses } of recordSets) {
      draft.put({
        id: `${zoneId}/A/${name}`,
        name,
        type: "Microsoft.Network/privateDnsZones/A",
        properties: {
          metadata: { creator: `created by private endpoint ${endpoint.name ?? ""}` },
          fqdn: `${name}.${zone}.`,
          ttl: 10,
          aRecords: addresses.map((ipv4Address) => ({ ipv4Address })),
          isAutoRegistered: false,
        },
      });
    }
  }
  const kept = new Set(recordSetIds(group));
  for (const id of recordSetIds(before)) if (!kept.has(id)) draft.drop(id);
}

/** Takes away what a zone group wrote. */
export function dropZoneGroup(draft: Draft, group: WorldResource): void {
  for (const id of recordSetIds(group)) draft.drop(id);
}

function recordSetIds(group: WorldResource | undefined): string[] {
  return objectsOf(propertiesOf(group)["privateDnsZoneConfigs"]).flatMap((config) => {
    const { privateDnsZoneId, recordSets } = objectOf(config["properties"]);
    return objectsOf(recordSets).map(({ recordSetName }) =>
      `${textOf(privateDnsZoneId)}/A/${textOf(recordSetName)}`.toLowerCase(),
    );
  });
}

/** The records of an endpoint: names by what it leads to, addresses by its interfaces. */
function recordsOf(draft: Draft, endpoint: WorldResource): { zone: string; name: string; addresses: string[] }[] {
  const { privateLinkServiceConnections, manualPrivateLinkServiceConnections, networkInterfaces } =
    propertiesOf(endpoint);
  const configurations = objectsOf(networkInterfaces)
    .map(({ id }) => draft.find(textOf(id)))
    .flatMap((nic) => objectsOf(propertiesOf(nic)["ipConfigurations"]))
    .map((configuration) => objectOf(configuration["properties"]));
  const addressesOf = (member: string): string[] =>
    configurations
      .filter((each) => objectOf(each["privateLinkConnectionProperties"])["requiredMemberName"] === member)
      .map((each) => textOf(each["privateIPAddress"]));
  const connections = [
    ...objectsOf(privateLinkServiceConnections),
    ...objectsOf(manualPrivateLinkServiceConnections),
  ].map((connection) => objectOf(connection["properties"]));
  return connections.flatMap(({ privateLinkServiceId, groupIds }) => {
    const target = draft.find(textOf(privateLinkServiceId));
    const groups = Array.isArray(groupIds) ? groupIds.map(textOf) : [];
    return target === undefined
      ? []
      : groups
          .flatMap((group) => membersOf(target, group, clouds[draft.world.cloud]))
          .flatMap(({ member, records }) => records.map((record) => ({ ...record, addresses: addressesOf(member) })))
          .filter(({ addresses }) => addresses.length > 0);
  });
}
