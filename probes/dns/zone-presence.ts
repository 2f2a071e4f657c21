import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { attachZone, inZone, lastName, linkZone } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { dnsName, sameText, shortList } from "../../src/model/text.ts";
import { expectedAddresses, leadsIn, paths, type Path } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { hiddenZones, privateZones, type PrivateZone, type ZoneLink } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

interface ZoneFault {
  readonly zone: string;
  readonly fqdns: readonly string[];
  readonly vnetId?: string;
  readonly endpointId?: string;
  /** Another zone of the estate: the new one belongs beside it. */
  readonly near?: string;
  readonly hasZoneGroup: boolean;
}

/**
 * Names that Azure's own DNS answers publicly from here although they have to be private: no linked zone holds their
 * alias. Either there is no such zone, or it is not linked to this network, or its link falls back to the internet when
 * the record is missing. A zone that may stand in a subscription that cannot be read is never "missing".
 */
export default defineProbe({
  id: "dns/zone-presence",
  title: "The private DNS zones exist and are linked to this network",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns"],
  needs: { paths, vantage, zones: raw(privateZones), privateEndpoints: raw(privateEndpoints) },
  consequence: "Whether the private DNS zones exist and are linked",
  reasons: {
    "dns-zone-missing": reason<ZoneFault>({
      severity: "error",
      title: "The private DNS zone does not exist",
      detail: ({ zone, fqdns }) =>
        `No subscription that can be read holds a zone ${zone}, so ${shortList(fqdns)} resolves publicly.`,
      fix({ zone, vnetId, endpointId, near, hasZoneGroup }) {
        const place = parseArmId(near) ?? parseArmId(endpointId);
        const at = place ? ["--subscription", place.subscriptionId, "--resource-group", place.resourceGroup] : [];
        const zoneId = place
          ? `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}/providers/Microsoft.Network/privateDnsZones/${zone}`
          : "";
        return {
          summary: `Create the zone ${zone}, link it to the clients' network, and attach it to the private endpoint's DNS zone group, which writes the records`,
          commands: place
            ? [
                az("network", "private-dns", "zone", "create", ...at, "--name", zone),
                ...(vnetId === undefined ? [] : [linkZone(zoneId, vnetId)]),
                ...(endpointId === undefined ? [] : attachZone(endpointId, zoneId, hasZoneGroup)),
              ]
            : [],
          warning:
            "Zones often live in a central subscription that this identity may not see: ask the network team before creating a second one of the same name.",
          takesEffect: "Within a few minutes, plus the TTL of cached answers",
          verify: place
            ? [az("network", "private-dns", "record-set", "a", "list", ...at, "--zone-name", zone).text]
            : [],
          docs,
        };
      },
      rivals: ["dns-zone-not-linked"],
    }),
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
  judge({ paths: all, vantage: here, zones, privateEndpoints: known }, say) {
    const wanted = all.filter((path) => path.needsPrivate && path.azure.relation !== "no-answer");
    if (wanted.length === 0) return say.skip("Azure DNS does not answer here, or no name has to be private", here.name);
    const byZone = Map.groupBy(
      wanted.filter(({ azure }) => azure.relation === "public"),
      ({ name }) => name.zone,
    );
    if (byZone.size === 0) {
      const passed = say.pass(undefined, {
        subject: here.vnetId ?? here.name,
        evidence: wanted
          .filter((path) => leadsIn(path, path.azure.relation, path.azure.answer.addresses))
          .slice(0, 1)
          .map(({ azure }) => dnsEvidence(azure.answer)),
      });
      // Resolution works, so nothing hangs on zones that cannot be read; who wants to mend them later must know, though.
      const gaps =
        zones.is === "gap"
          ? [zones]
          : zones.is === "value"
            ? [
                ...hiddenZones(zones.value),
                ...gapsOf(zones.value.zones.flatMap(({ links, records }) => [links, records])),
              ]
            : [];
      const [gap] = gaps;
      return gap
        ? [
            passed,
            say.unknown(gap, {
              subject: gap.at.replace(/^GET /, ""),
              permission:
                gap.gap === "denied"
                  ? (gap.action ?? "Microsoft.Network/privateDnsZones/read")
                  : "Microsoft.Network/privateDnsZones/read",
              consequence: "Whether zones, links and records are kept in order; names resolve rightly from here",
              matters: false,
            }),
          ]
        : passed;
    }
    const state = valueOf(zones);

    return [...byZone].flatMap(([zoneName, affected]): Verdict[] => {
      const first = affected[0];
      if (first === undefined) return [];
      if (state === undefined)
        return [
          zones.is === "gap"
            ? say.unknown(zones, { subject: zoneName })
            : say.unknown("the private DNS zones could not be read", { subject: zoneName }),
        ];
      const fqdns = affected.map(({ name }) => name.fqdn);
      const endpointId = first.name.expected[0]?.privateEndpointId;
      const about = [
        ...fqdns,
        ...affected.map(({ name }) => name.alias),
        ...new Set(affected.map(({ name }) => name.resourceId)),
        zoneName,
        ...(endpointId === undefined ? [] : [endpointId]),
      ];
      const publicly = dnsEvidence(first.azure.answer, expectedAddresses(first).join(", "));
      const same = state.zones.filter(({ name }) => name === zoneName);

      if (same.length === 0) {
        const gap = hiddenZones(state)[0];
        if (gap)
          return [
            say.unknown(gap, {
              subject: zoneName,
              permission: "Microsoft.Network/privateDnsZones/read",
              consequence: `Whether the zone ${zoneName} stands in a subscription that cannot be read`,
            }),
          ];
        const elsewhere = state.named.find(
          (id) =>
            sameText(lastName(id), zoneName) &&
            !state.searched.some(
              (place) => place.is.is === "value" && sameId(place.id, id.split("/").slice(0, 3).join("/")),
            ),
        );
        if (elsewhere)
          return [
            say.unknown(`the zone ${elsewhere} stands in a subscription that this identity cannot see`, {
              subject: zoneName,
              permission: "Microsoft.Network/privateDnsZones/read",
            }),
          ];
        const near = state.zones[0]?.id;
        const entry = valueOf(known)?.entries.find(({ id }) => sameId(id, endpointId));
        return [
          say.found("dns-zone-missing", {
            subject: zoneName,
            about,
            data: {
              zone: zoneName,
              fqdns,
              ...(here.vnetId === undefined ? {} : { vnetId: here.vnetId }),
              ...(endpointId === undefined ? {} : { endpointId }),
              ...(near === undefined ? {} : { near }),
              hasZoneGroup: entry !== undefined && (valueOf(entry.zoneGroups)?.length ?? 0) > 0,
            },
            evidence: [
              publicly,
              {
                kind: "arm",
                source: `privateDnsZones in ${shortList(state.searched.map(({ id }) => id))}`,
                observed: `no zone ${zoneName}`,
                expected: "the zone",
              },
            ],
            ruledOut: [
              {
                id: "dns-zone-not-linked",
                by: `every visible subscription was searched (${state.searched.length}), and none holds the zone`,
              },
            ],
          }),
        ];
      }

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
