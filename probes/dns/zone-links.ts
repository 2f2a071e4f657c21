import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { inZone, lastName, linkZone } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { dnsName, sameText } from "../../src/model/text.ts";
import { expectedAddresses, paths, type Path } from "../../src/facts/paths.ts";
import { privateZones, type PrivateZone, type ZoneLink } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

/**
 * Zones that exist and whose names Azure's own DNS answers publicly from here all the same: the zone is not linked to this
 * network (or the link is not complete), or a twin of the same name is linked in its place, or the link falls back to the
 * internet where the record is missing.
 */
export default defineProbe({
  id: "dns/zone-links",
  title: "The private DNS zones are linked to this network",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/dns/private-dns-fallback"],
  needs: { paths, vantage, zones: raw(privateZones) },
  consequence: "Whether the private DNS zones are linked to this network",
  reasons: {
    "dns-zone-not-linked": reason<{ zoneId: string; vnetId: string; state?: string; fqdns: string[] }>({
      severity: "error",
      title: "The private DNS zone is not linked to this virtual network",
      detail: ({ zoneId, vnetId, state }) =>
        `${lastName(zoneId)} ${state === undefined ? "has no link" : `has a link that is ${state}`} to ${lastName(vnetId)}.`,
      fix: ({ zoneId, vnetId, fqdns, state }) => ({
        summary:
          state === undefined
            ? "Link the zone to the virtual network"
            : "Wait for the link to complete; when it does not, delete it and link the zone anew",
        commands: [linkZone(zoneId, vnetId)],
        warning:
          "A virtual network can be linked to one zone of a name only. Once linked, names of other resources under the zone fail here unless it holds their records too.",
        takesEffect: "Within a few minutes, plus the TTL of cached answers",
        verify: [
          az("network", "private-dns", "link", "vnet", "list", ...inZone(zoneId)).text,
          `dig @168.63.129.16 ${fqdns[0] ?? ""}`,
        ],
        docs,
      }),
      causedBy: ["dns-duplicate-zones"],
      rivals: ["dns-zone-missing", "dns-nxdomain-redirect", "dns-custom-no-forwarder"],
    }),
    "dns-duplicate-zones": reason<{ linkedId: string; holdingId: string; vnetId: string; fqdn: string }>({
      severity: "error",
      title: "Two private DNS zones have the same name, and this network is linked to the one without the records",
      detail: ({ linkedId, holdingId }) => `Linked: ${linkedId}. The records are in ${holdingId}.`,
      fix: ({ linkedId, holdingId, vnetId, fqdn }) => ({
        summary: "Link this network to the zone that holds the records instead of the other one",
        commands: [
          az("network", "private-dns", "link", "vnet", "list", ...inZone(linkedId)),
          linkZone(holdingId, vnetId),
        ],
        warning:
          "Delete the present link first: a network can be linked to one zone of a name only. Move records of other resources out of the old zone before.",
        verify: [`dig @168.63.129.16 ${fqdn}`],
        docs,
      }),
      rivals: ["dns-zone-not-linked", "infdns-a-record-missing"],
    }),
    "dns-nxdomain-redirect": reason<{ zoneId: string; linkId: string; recordName: string; fqdn: string }>({
      severity: "warning",
      title: "The zone's link falls back to the internet, which hides that the record is missing",
      detail: ({ recordName, zoneId }) =>
        `${lastName(zoneId)} has no record ${recordName}; resolutionPolicy NxDomainRedirect turns the denial into the public address.`,
      fix: ({ linkId, fqdn }) => ({
        summary: "Create the missing record first; then decide whether the fall-back is wanted",
        commands: [az("rest", "--method", "get", "--url", `${linkId}?api-version=2024-06-01`)],
        warning:
          "Other names may rely on the fall-back: it is the documented way to reach public resources under a linked zone.",
        verify: [`dig @168.63.129.16 ${fqdn}`],
        docs: "https://learn.microsoft.com/azure/dns/private-dns-fallback",
      }),
    }),
  },
  judge({ paths: all, vantage: here, zones }, say) {
    const wanted = all.filter((path) => path.needsPrivate && path.azure.relation === "public");
    if (wanted.length === 0)
      return say.pass("Azure DNS gives no name that has to be private a public address", {
        subject: here.vnetId ?? here.name,
      });
    if (zones.is !== "value")
      return say.unknown(zones.is === "gap" ? zones : "the private DNS zones could not be read", {
        subject: here.name,
      });

    return [...Map.groupBy(wanted, ({ name }) => name.zone)].flatMap(([zoneName, affected]): Verdict[] => {
      const first = affected[0];
      const same = zones.value.zones.filter(({ name }) => name === zoneName);
      if (first === undefined || same.length === 0) return [];
      const fqdns = affected.map(({ name }) => name.fqdn);
      const about = [...fqdns, ...affected.map(({ name }) => name.alias), zoneName];
      const publicly = dnsEvidence(first.azure.answer, expectedAddresses(first).join(", "));
      const { vnetId } = here;
      if (vnetId === undefined)
        return [
          here.interfaces.is === "gap"
            ? say.unknown(here.interfaces, { subject: zoneName })
            : say.unknown("this machine's virtual network is not known, so its links cannot be told", {
                subject: zoneName,
              }),
        ];
      const unread = same.find(({ links }) => links.is === "gap");
      if (unread?.links.is === "gap") return [say.unknown(unread.links, { subject: unread.id })];

      const linked = same.find((zone) =>
        sameText(linkTo(zone, vnetId)?.properties?.virtualNetworkLinkState, "Completed"),
      );
      if (linked === undefined) {
        const pending = same.find((zone) => linkTo(zone, vnetId) !== undefined);
        const zone = pending ?? same.find((candidate) => affected.some((path) => holds(candidate, path))) ?? same[0];
        if (zone === undefined) return [];
        const state_ = pending && (linkTo(pending, vnetId)?.properties?.virtualNetworkLinkState ?? undefined);
        return [
          say.found("dns-zone-not-linked", {
            subject: zone.id,
            about: [...about, vnetId],
            data: { zoneId: zone.id, vnetId, fqdns, ...(state_ ? { state: state_ } : {}) },
            evidence: [
              publicly,
              armEvidence(
                zone.id,
                "virtualNetworkLinks[].properties.virtualNetwork.id",
                (valueOf(zone.links) ?? []).map(
                  (link) =>
                    `${lastName(link.properties?.virtualNetwork?.id ?? "?")}: ${link.properties?.virtualNetworkLinkState ?? "?"}`,
                ),
                `${lastName(vnetId)}: Completed`,
              ),
            ],
            ruledOut: [
              { id: "dns-zone-missing", by: "the zone exists" },
              { id: "dns-nxdomain-redirect", by: "without a link there is no fall-back either" },
              { id: "dns-custom-no-forwarder", by: "Azure DNS itself, asked from here, answers publicly" },
            ],
          }),
        ];
      }
      const holding = same.find((zone) => zone !== linked && affected.some((path) => holds(zone, path)));
      const lacking = affected.filter((path) => !holds(linked, path));
      if (linked.records.is === "gap") return [say.unknown(linked.records, { subject: linked.id })];
      if (holding && lacking.length > 0) {
        return [
          say.found("dns-duplicate-zones", {
            subject: linked.id,
            about: [...about, holding.id, vnetId],
            data: { linkedId: linked.id, holdingId: holding.id, vnetId, fqdn: fqdns[0] ?? "" },
            evidence: [
              publicly,
              armEvidence(
                linked.id,
                "A records",
                recordNames(linked),
                lacking.map(({ name }) => name.recordName).join(", "),
              ),
              armEvidence(holding.id, "A records", recordNames(holding)),
            ],
            ruledOut: [
              { id: "dns-zone-not-linked", by: `${linked.id} is linked to this network` },
              { id: "infdns-a-record-missing", by: `the records are there, in ${holding.id}` },
            ],
          }),
        ];
      }
      const link = linkTo(linked, vnetId);
      if (lacking.length > 0 && link && sameText(link.properties?.resolutionPolicy, "NxDomainRedirect")) {
        return lacking.map((path) =>
          say.found("dns-nxdomain-redirect", {
            subject: link.id,
            about: [path.name.fqdn, linked.id],
            data: { zoneId: linked.id, linkId: link.id, recordName: path.name.recordName, fqdn: path.name.fqdn },
            evidence: [
              publicly,
              armEvidence(link.id, "properties.resolutionPolicy", link.properties?.resolutionPolicy ?? undefined),
            ],
          }),
        );
      }
      return [
        say.unknown(
          `the zone ${zoneName} is linked to this network and Azure DNS still answers publicly: a link or record made moments ago takes a while to show`,
          { subject: linked.id },
        ),
      ];
    });
  },
});

function linkTo(zone: PrivateZone, vnetId: string): ZoneLink | undefined {
  return (valueOf(zone.links) ?? []).find(({ properties }) => sameId(properties?.virtualNetwork?.id, vnetId));
}

function holds(zone: PrivateZone, { name }: Path): boolean {
  return (valueOf(zone.records) ?? []).some(
    (record) => dnsName(record.name) === dnsName(name.recordName) && (record.properties?.aRecords ?? []).length > 0,
  );
}

function recordNames(zone: PrivateZone): string[] {
  return (valueOf(zone.records) ?? []).map(({ name }) => name);
}
