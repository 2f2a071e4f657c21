import * as z from "zod";
import { parentId, sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, seen, valueOf } from "../model/observation.ts";
import { dnsName, sameText } from "../model/text.ts";
import { addressesAt, leadsTo } from "./expected-addresses.ts";
import { names } from "./names.ts";
import { onlineEndpoints } from "./online-endpoints.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { privateZones, type PrivateZone } from "./private-zones.ts";
import { connectionStatus } from "./reachability.ts";
import { vantage } from "./vantage.ts";

/** A label that no endpoint has to have: the wildcard answers for it as for every other. */
const anyName = "any-name";

/**
 * The record that private online endpoints will need, where it is missing and the workspace has no endpoint yet whose name
 * could be asked: the private endpoint serves such names, and the zone that holds the workspace's own record, linked to
 * this network, has nothing for them. Absent wherever that cannot be told.
 */
export const inferenceRecord = defineFact({
  key: "derived/inference-record",
  needs: { names, privateEndpoints, zones: privateZones, endpoints: raw(onlineEndpoints), vantage: raw(vantage) },
  reads: [],
  schema: z.object({
    /** What the interface says that it serves: every endpoint of the region. */
    served: z.string(),
    /** A name that resolves once the record is there. */
    alias: z.string(),
    recordName: z.string(),
    zone: z.string(),
    zoneId: z.string(),
    addresses: z.array(z.string()),
    endpointId: z.string(),
    hasZoneGroup: z.boolean(),
    workspaceId: z.string(),
  }),
  collect({ names: all, privateEndpoints: { entries }, zones: { zones }, endpoints, vantage: here }, { cloud }) {
    const api = all.find(({ service }) => service === "workspace-api");
    const [, guid, region] = /^([^.]+)\.workspace\.([^.]+)$/.exec(api?.recordName ?? "") ?? [];
    if (api === undefined || guid === undefined || region === undefined) return absent;
    if (endpoints.is !== "value" || endpoints.value.length > 0) return absent;
    const same = zones.filter(({ name }) => name === api.zone);
    const holds = (zone: PrivateZone, matches: (record: string) => boolean): boolean =>
      (valueOf(zone.records) ?? []).some(({ name }) => matches(dnsName(name)));
    const tail = `${guid}.inference.${region}`;
    if (same.some((zone) => zone.records.is !== "value" || holds(zone, (record) => record.endsWith(tail))))
      return absent;
    const subnetId = api.expected[0]?.subnetId;
    const vnetId = valueOf(here)?.vnetId ?? (subnetId && parentId(subnetId));
    const zone = same.find(
      (one) =>
        holds(one, (record) => record === dnsName(api.recordName)) &&
        (valueOf(one.links) ?? []).some(({ properties }) => sameId(properties?.virtualNetwork?.id, vnetId)),
    );
    if (zone === undefined) return absent;
    const suffix = `${region}.${cloud.inference}`;
    for (const entry of entries) {
      if (!leadsTo(entry, api.resourceId, "amlworkspace") || !sameText(connectionStatus(entry), "Approved")) continue;
      const name = { fqdn: `${anyName}.${suffix}`, service: "inference", groupId: "amlworkspace" } as const;
      const addresses = addressesAt(entry, name).map(({ address }) => address);
      if (addresses.length === 0) continue;
      return seen({
        served: `*.${suffix}`,
        alias: `${anyName}.${tail}.${api.zone}`,
        recordName: `*.${tail}`,
        zone: api.zone,
        zoneId: zone.id,
        addresses,
        endpointId: entry.id,
        hasZoneGroup: (valueOf(entry.zoneGroups)?.length ?? 0) > 0,
        workspaceId: api.resourceId,
      });
    }
    return absent;
  },
});
