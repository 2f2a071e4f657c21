import * as z from "zod";
import type { ZonePlan } from "../model/access-commands.ts";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId, sameId } from "../model/arm-id.ts";
import { zonesOfOtherClouds } from "../model/cloud-zones.ts";
import { defineFact, raw } from "../model/fact.ts";
import { allSeen, gapsOf, seen, valueOf, type GapObservation, type Observation } from "../model/observation.ts";
import { dnsName, sameText } from "../model/text.ts";
import { eachOf, getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import { kubernetesAttachments } from "./kubernetes-attachments.ts";
import type { Name } from "./name.ts";
import { names } from "./names.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { vantage } from "./vantage.ts";
import { flag, subResource, text } from "./wire.ts";

const zoneReference = z.object({ id: z.string(), name: z.string() });
const subscription = z.object({ subscriptionId: z.string(), state: text });

export const linkSchema = z.object({
  id: z.string(),
  name: text,
  properties: z
    .object({
      virtualNetwork: subResource.nullish(),
      /** `Completed` when it works; `InProgress` is not linked yet. */
      virtualNetworkLinkState: text,
      resolutionPolicy: text,
      registrationEnabled: flag,
      provisioningState: text,
    })
    .nullish(),
});
export type ZoneLink = z.infer<typeof linkSchema>;

export const recordSchema = z.object({
  id: z.string(),
  name: z.string(),
  properties: z
    .object({
      fqdn: text,
      ttl: z.number().nullish(),
      aRecords: z.array(z.object({ ipv4Address: text })).nullish(),
      metadata: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
});
export type ZoneRecord = z.infer<typeof recordSchema>;

/** The schema of a plan with a zone, for facts that hand one on. */
export const zonePlanSchema = z.object({
  name: z.string(),
  id: z.string().optional(),
  near: z.string().optional(),
});

const zone = z.object({
  id: z.string(),
  name: z.string(),
  links: observationOf(z.array(linkSchema)),
  /** The A record sets. */
  records: observationOf(z.array(recordSchema)),
});
export type PrivateZone = z.infer<typeof zone>;

/** At most this many subscriptions are searched for zones; a large tenant has hundreds. */
const subscriptionLimit = 25;

/**
 * The private DNS zones that could answer for the names in question, wherever they stand: in the subscriptions of the
 * workspace, of this machine and of the zone groups, and in every other one that the identity can see. `searched` says
 * which subscriptions were looked through, and which zones that a zone group names were refused; one that could not be
 * read means that a zone may be hidden there.
 */
export const privateZones = defineFact({
  key: "arm/private-dns-zones",
  needs: {
    names,
    attachments: raw(kubernetesAttachments),
    privateEndpoints: raw(privateEndpoints),
    vantage: raw(vantage),
  },
  reads: [
    "Microsoft.Network/privateDnsZones/read",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
    "Microsoft.Network/privateDnsZones/A/read",
    "Microsoft.Resources/subscriptions/read",
  ],
  schema: z.object({
    zones: z.array(zone),
    searched: z.array(eachOf(z.null())),
    /** Zones that a zone group names; one of them may be unreadable or gone. */
    named: z.array(z.string()),
    /** Zones that would serve these services in another cloud, and serve nobody in this one. */
    ofOtherClouds: z.array(zoneReference).optional(),
  }),
  async collect(given, context) {
    // Scoring names of Kubernetes endpoints are the customer's own, and often live in a private zone.
    const scoringHosts = (valueOf(given.attachments) ?? []).flatMap(({ endpoints }) =>
      endpoints.flatMap(({ host }) => host ?? []),
    );
    const wanted = new Set([
      ...given.names.flatMap((name) => ancestors(name.fqdn).concat(ancestors(name.alias))),
      ...scoringHosts.flatMap(ancestors),
    ]);
    const named = uniqueIds(
      (valueOf(given.privateEndpoints)?.entries ?? []).flatMap((entry) =>
        (valueOf(entry.zoneGroups) ?? []).flatMap((group) =>
          (group.properties?.privateDnsZoneConfigs ?? []).map((config) => config.properties?.privateDnsZoneId),
        ),
      ),
    );
    const near = [
      context.target.subscriptionId,
      valueOf(given.vantage)?.vnetId?.split("/")[2],
      ...named.map((id) => parseArmId(id)?.subscriptionId),
      ...(valueOf(given.privateEndpoints)?.entries ?? []).flatMap((entry) =>
        entry.endpoint.is === "value" ? parseArmId(entry.id)?.subscriptionId : undefined,
      ),
    ];
    const visible = await listAs(context, "/subscriptions", apiVersions.resources, subscription);
    const subscriptions = uniqueIds([
      ...near,
      ...(valueOf(visible) ?? []).map(({ subscriptionId }) => subscriptionId),
    ]).slice(0, subscriptionLimit);
    const searched = await Promise.all(
      subscriptions.map(async (id) => ({
        id,
        is: await listAs(
          context,
          `/subscriptions/${id}/providers/Microsoft.Network/privateDnsZones`,
          apiVersions.privateDns,
          zoneReference,
        ),
      })),
    );
    const references = allSeen(searched.map(({ is }) => is)).flat();
    // A zone that a group names may be readable although its subscription cannot be listed.
    const unlisted = named.filter((id) => !references.some((known) => known.id.toLowerCase() === id.toLowerCase()));
    const direct = await Promise.all(unlisted.map((id) => getAs(context, id, apiVersions.privateDns, zoneReference)));
    const found = [...references, ...allSeen(direct)];
    const zones = await Promise.all(
      found
        .filter(({ name }) => wanted.has(dnsName(name)))
        .map(async ({ id, name }) => {
          const [links, records] = await Promise.all([
            listAs(context, `${id}/virtualNetworkLinks`, apiVersions.privateDns, linkSchema),
            listAs(context, `${id}/A`, apiVersions.privateDns, recordSchema),
          ]);
          return { id, name: dnsName(name), links, records };
        }),
    );
    return seen({
      zones,
      searched: [
        ...searched.map(({ id, is }) => ({ id: `/subscriptions/${id}`, is: is.is === "value" ? seen(null) : is })),
        // A list leaves out what may not be read: beside a zone that is refused there may be others, of any name.
        ...unlisted.flatMap((id, index) => {
          const is = direct[index];
          return is?.is === "gap" ? [{ id, is }] : [];
        }),
      ],
      named,
      ofOtherClouds: found.filter(({ name }) => zonesOfOtherClouds(context.cloud.name).has(dnsName(name))),
    });
  },
});

/** A name and everything above it: the zones that could be authoritative for it. */
function ancestors(name: string): string[] {
  const labels = dnsName(name).split(".");
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
}

/** The look-ups whose gaps may hide a zone. */
export function hiddenZones(known: {
  readonly searched: readonly { readonly is: Observation<null> }[];
}): GapObservation[] {
  return gapsOf(known.searched.map(({ is }) => is));
}

/** The zone's address record of this name, where it holds one and could be read. */
export function recordIn(zone: PrivateZone, recordName: string): ZoneRecord | undefined {
  return (valueOf(zone.records) ?? []).find(({ name }) => dnsName(name) === dnsName(recordName));
}

/** The zone of this name as something is planned with it in a network; undefined where one may be hidden. Of several, the one
 * that this network is linked to: another serves other networks. */
export function zonePlanOf(
  name: string | undefined,
  known: Observation<{ zones: readonly PrivateZone[]; searched: readonly { is: Observation<null> }[] }>,
  vnetId?: string,
): ZonePlan | undefined {
  const state = valueOf(known);
  if (name === undefined || state === undefined) return undefined;
  const same = state.zones.filter((each) => each.name === name);
  const zone = same.find((each) => vnetId !== undefined && linkTo(each, vnetId) !== undefined) ?? same[0];
  if (zone !== undefined) return { name, id: zone.id };
  const near = state.zones[0]?.id;
  return hiddenZones(state).length > 0 ? undefined : { name, ...(near === undefined ? {} : { near }) };
}

/** The zone that takes the records of a resource's sub-resource, in the same way. */
export function zonePlanFor(
  names: readonly Name[],
  resourceId: string,
  groupId: string,
  known: Parameters<typeof zonePlanOf>[1],
  vnetId?: string,
): ZonePlan | undefined {
  const name = names.find((each) => sameId(each.resourceId, resourceId) && sameText(each.groupId, groupId));
  return zonePlanOf(name?.zone, known, vnetId);
}

/** The link of a zone to a network. */
export function linkTo(zone: PrivateZone, vnetId: string | undefined): ZoneLink | undefined {
  return (valueOf(zone.links) ?? []).find(({ properties }) => sameId(properties?.virtualNetwork?.id, vnetId));
}

/** The zone of a network that answers for a public name itself: the nearest above it that is linked there. */
export function claimingZone(zones: readonly PrivateZone[], fqdn: string, vnetId: string): PrivateZone | undefined {
  return zones
    .filter(
      (zone) =>
        !zone.name.startsWith("privatelink.") &&
        (fqdn === zone.name || fqdn.endsWith(`.${zone.name}`)) &&
        sameText(linkTo(zone, vnetId)?.properties?.virtualNetworkLinkState, "Completed"),
    )
    .sort((one, other) => other.name.length - one.name.length)[0];
}

/** The wildcard of a zone that answers for a name which the zone does not hold. */
export function wildcardOf(zone: PrivateZone, fqdn: string): ZoneRecord | undefined {
  const records = valueOf(zone.records) ?? [];
  const held = (name: string): boolean => dnsName(`${name}.${zone.name}`) === dnsName(fqdn);
  if (records.some(({ name }) => held(name))) return undefined;
  return records.find(({ name }) => name.startsWith("*") && fqdn.endsWith(dnsName(`${name.slice(1)}.${zone.name}`)));
}

/** Whether a zone has an address for a name. */
export function holds(zone: PrivateZone, name: { readonly recordName: string }): boolean {
  return (valueOf(zone.records) ?? []).some(
    (record) => dnsName(record.name) === dnsName(name.recordName) && (record.properties?.aRecords ?? []).length > 0,
  );
}
