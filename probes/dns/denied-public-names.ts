import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { parentId, sameId } from "../../src/model/arm-id.ts";
import { inZone, lastName } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { dnsName, sameText, shortList } from "../../src/model/text.ts";
import { networks, type NetworkEntry } from "../../src/facts/networks.ts";
import { paths, type Path } from "../../src/facts/paths.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { joinOf } from "../../src/facts/reachability.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/dns/private-dns-fallback";

interface Denied {
  readonly fqdns: readonly string[];
  readonly zone: string;
  readonly zoneId?: string;
  readonly linkId?: string;
  readonly recordName: string;
}

const denied = (title: string) =>
  reason<Denied>({
    severity: "error",
    title,
    detail: ({ fqdns, zone, recordName }) =>
      `${shortList(fqdns)} ends in ${zone}, which is answered inside this network and has no record ${recordName}, so nothing is found; outside, the name resolves publicly.`,
    fix: ({ zoneId, linkId, fqdns, zone }) => ({
      summary:
        linkId === undefined
          ? `Let the link of ${zone} to this network fall back to the internet, or create a private endpoint and its record here`
          : `Let the link ${lastName(linkId)} of ${zone} fall back to the internet for names that the zone does not hold, or create a private endpoint and its record here`,
      commands: [
        ...(zoneId === undefined
          ? [az("network", "private-dns", "zone", "list", "--query", `[?name=='${zone}'].id`)]
          : [az("network", "private-dns", "link", "vnet", "list", ...inZone(zoneId))]),
        ...(linkId === undefined
          ? []
          : [azRest("patch", linkId, "2024-06-01", { properties: { resolutionPolicy: "NxDomainRedirect" } })]),
      ],
      warning:
        "With the fallback, a private record that goes missing later is answered publicly instead of not at all, which is harder to notice. A hand-made record with a public address goes stale when the service moves.",
      takesEffect: "Within a few minutes, plus the TTL of the denial",
      verify: fqdns.slice(0, 1).map((fqdn) => `nslookup ${fqdn}`),
      docs,
    }),
    rivals: ["infdns-a-record-missing", "dns-record-missing-workspace"],
  });

/** Whether no private endpoint of the name stands in this network or one that is joined with it. */
function isForeign({ name }: Path, vnetId: string | undefined, known: readonly NetworkEntry[]): boolean {
  return name.expected.every(({ subnetId }) => {
    if (vnetId === undefined || subnetId === undefined) return false;
    const { is } = joinOf(vnetId, parentId(subnetId), known);
    return is === "none" || is === "broken";
  });
}

/**
 * A resource that has a private endpoint anywhere answers to its public name by an alias under `privatelink`. In a network
 * that holds such a zone for its own resources, that alias is denied, although the resource is open to the public.
 */
export default defineProbe({
  id: "dns/denied-public-names",
  title: "The private DNS zones of this network do not hide names that are open to the public",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/private-link/private-endpoint-dns"],
  needs: { paths, vantage, zones: raw(privateZones), networks: raw(networks) },
  consequence: "Whether zones of this network hide public names",
  reasons: {
    "infdns-foreign-workspace-nxdomain": denied(
      "The endpoint's workspace has its private endpoint elsewhere, and this network's zone denies the endpoint's name",
    ),
    "dns-linked-zone-breaks-foreign-resources": denied(
      "A private DNS zone of this network denies the name of a resource whose private endpoint is elsewhere",
    ),
  },
  judge({ paths: all, vantage: here, zones, networks: known }, say) {
    const hidden = all.flatMap((path) => {
      const { name, azure, resolvers } = path;
      if (name.publicAccess === "closed" || path.here !== "nothing") return [];
      if (!isForeign(path, here.vnetId, valueOf(known) ?? [])) return [];
      const answer = azure.answer.outcome === "answered" ? azure.answer : resolvers[0]?.answer;
      const last = dnsName(answer?.chain.at(-1) ?? "");
      const byZone = answer?.soa === undefined || dnsName(answer.soa.zone) === name.zone;
      if (answer?.outcome !== "answered" || answer.addresses.length > 0 || answer.chain.length < 2) return [];
      if (!sameText(answer.rcode, "NXDOMAIN") || !last.endsWith(`.${name.zone}`) || !byZone) return [];
      const candidates = (valueOf(zones)?.zones ?? []).filter((zone) => zone.name === name.zone);
      const linkTo = (zone: (typeof candidates)[number]) =>
        valueOf(zone.links)?.find(({ properties }) => sameId(properties?.virtualNetwork?.id, here.vnetId));
      const zone = candidates.find((one) => linkTo(one) !== undefined) ?? candidates[0];
      const holds = (valueOf(zone?.records ?? { is: "absent" }) ?? []).some(
        (record) => dnsName(record.name) === dnsName(name.recordName),
      );
      return holds ? [] : [{ path, answer, zone, link: zone && linkTo(zone) }];
    });
    if (hidden.length === 0) return say.pass(undefined, { subject: here.vnetId ?? here.name });
    return [...Map.groupBy(hidden, ({ path }) => path.name.zone)].flatMap(([zoneName, group]) => {
      const one = group.find(({ path }) => path.name.service === "inference") ?? group[0];
      if (one === undefined) return [];
      const { name } = one.path;
      const fqdns = group.map(({ path }) => path.name.fqdn);
      return [
        say.found(
          name.service === "inference"
            ? "infdns-foreign-workspace-nxdomain"
            : "dns-linked-zone-breaks-foreign-resources",
          {
            subject: name.fqdn,
            about: [
              ...fqdns,
              name.alias,
              ...new Set(group.map(({ path }) => path.name.resourceId)),
              ...(one.zone ? [one.zone.id] : []),
            ],
            data: {
              fqdns,
              zone: zoneName,
              recordName: name.recordName,
              ...(one.zone ? { zoneId: one.zone.id } : {}),
              ...(one.link ? { linkId: one.link.id } : {}),
            },
            evidence: [
              dnsEvidence(one.answer, "the public address"),
              ...(one.zone?.records.is === "value"
                ? [armEvidence(one.zone.id, `A/${name.recordName}`, "no such record")]
                : []),
              armEvidence(name.resourceId, "publicNetworkAccess", name.publicAccess),
            ],
            ruledOut: [
              {
                id: name.service === "inference" ? "infdns-a-record-missing" : "dns-record-missing-workspace",
                by: "no private endpoint of this resource stands in a network joined with this one: a record would have nothing to point at",
              },
            ],
          },
        ),
      ];
    });
  },
});
