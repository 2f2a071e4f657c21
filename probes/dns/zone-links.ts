import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { inZone, lastName, linkZone } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { expectedAddresses, isServed, paths } from "../../src/facts/paths.ts";
import { holds, linkTo, privateZones } from "../../src/facts/private-zones.ts";
import { isForeignServer, resolverComparison } from "../../src/facts/resolver-comparison.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

/**
 * Zones that exist and whose names Azure's own DNS answers publicly from here all the same: the zone is not linked to this
 * network (or the link is not complete), or the link falls back to the internet where the record is missing. A network
 * whose own DNS server answers rightly needs no link of its own: a hub's resolver or a firewall's proxy has it.
 */
export default defineProbe({
  id: "dns/zone-links",
  title: "The private DNS zones are linked to this network",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/dns/private-dns-fallback"],
  needs: { paths, vantage, zones: raw(privateZones), comparison: raw(resolverComparison) },
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
  judge({ paths: all, vantage: here, zones, comparison }, say) {
    const publicly = all.filter((path) => path.needsPrivate && path.azure.relation === "public");
    const server = valueOf(comparison);
    // Other machines of the network ask Azure DNS all the same where this one asks a server that is not the network's.
    const othersAsk = server !== undefined && isForeignServer(server);
    const wanted = publicly.filter((path) => othersAsk || !isServed(path));
    if (wanted.length === 0 && publicly.length > 0)
      return say.pass(
        `${server?.address ?? "This machine's DNS server"} answers with the private addresses, so this network needs no links of its own`,
        { subject: here.vnetId ?? here.name },
      );
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
      const answered = dnsEvidence(first.azure.answer, expectedAddresses(first).join(", "));
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
      // The zone that the endpoint's group writes to has this name too, and may be the one that is linked.
      const refused = zones.value.searched.find(({ id }) => sameText(lastName(id), zoneName))?.is;
      if (linked === undefined && refused?.is === "gap") return [say.unknown(refused, { subject: zoneName })];
      if (linked === undefined) {
        const pending = same.find((zone) => linkTo(zone, vnetId) !== undefined);
        const zone =
          pending ?? same.find((candidate) => affected.some(({ name }) => holds(candidate, name))) ?? same[0];
        if (zone === undefined) return [];
        const state_ = pending && (linkTo(pending, vnetId)?.properties?.virtualNetworkLinkState ?? undefined);
        return [
          say.found("dns-zone-not-linked", {
            subject: zone.id,
            about: [...about, vnetId],
            data: { zoneId: zone.id, vnetId, fqdns, ...(state_ ? { state: state_ } : {}) },
            evidence: [
              answered,
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
            ...(affected.every(isServed) ? { as: "warning" as const } : {}),
          }),
        ];
      }
      const lacking = affected.filter(({ name }) => !holds(linked, name));
      if (linked.records.is === "gap") return [say.unknown(linked.records, { subject: linked.id })];
      if (same.some((zone) => zone !== linked && lacking.some(({ name }) => holds(zone, name)))) {
        return [say.skip("a zone of the same name holds the records: it is looked at by itself", linked.id)];
      }
      const link = linkTo(linked, vnetId);
      if (lacking.length > 0 && link && sameText(link.properties?.resolutionPolicy, "NxDomainRedirect")) {
        return lacking.map((path) =>
          say.found("dns-nxdomain-redirect", {
            subject: link.id,
            about: [path.name.fqdn, linked.id],
            data: { zoneId: linked.id, linkId: link.id, recordName: path.name.recordName, fqdn: path.name.fqdn },
            evidence: [
              answered,
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
