import { dnsEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { attachZone, createZone, lastName, linkZone } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { expectedAddresses, isServed, leadsIn, paths } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { hiddenZones, privateZones } from "../../src/facts/private-zones.ts";
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
 * the record is missing. A zone that may stand in a subscription that cannot be read is never "missing", and a server
 * that has the records itself needs none.
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
                createZone(zoneId),
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
      causedBy: ["dns-wrong-cloud-suffix"],
      rivals: ["dns-zone-not-linked"],
    }),
  },
  judge({ paths: all, vantage: here, zones, privateEndpoints: known }, say) {
    const wanted = all.filter((path) => path.needsPrivate && path.azure.relation !== "no-answer");
    if (wanted.length === 0) return say.skip("Azure DNS does not answer here, or no name has to be private", here.name);
    const byZone = Map.groupBy(
      wanted.filter((path) => path.azure.relation === "public" && !isServed(path)),
      ({ name }) => name.zone,
    );
    if (byZone.size === 0) {
      const served = wanted.find(({ azure }) => azure.relation === "public");
      const summary =
        served && `${served.resolvers[0]?.answer.server ?? "?"} answers with the private addresses by itself`;
      const passed = say.pass(summary, {
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
        const gaps = hiddenZones(state);
        const gap = gaps.find(({ at }) => sameText(lastName(at), zoneName)) ?? gaps[0];
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
        // A private answer without a zone to it: there are zones that no list shows to this identity, and this may be one.
        const unseen = wanted.find(
          ({ azure, name }) =>
            (azure.relation === "expected" || azure.relation === "other-private") &&
            !state.zones.some((each) => each.name === name.zone),
        );
        if (unseen)
          return [
            say.unknown(
              `Azure DNS answers ${unseen.name.fqdn} privately, and this identity is shown no zone ${unseen.name.zone} either: zones are hidden from it`,
              {
                subject: zoneName,
                permission: "Microsoft.Network/privateDnsZones/read",
                consequence: `Whether the zone ${zoneName} exists where this identity does not see it`,
              },
            ),
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

      return [say.pass(`The zone ${zoneName} exists`, { subject: zoneName })];
    });
  },
});
