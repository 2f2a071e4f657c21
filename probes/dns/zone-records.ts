import { armEvidence, dnsEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { parentId, sameId } from "../../src/model/arm-id.ts";
import { lastName } from "../../src/model/dns-commands.ts";
import { fixRecord, type RecordFault } from "../../src/model/dns-remedies.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { dnsName, sameText } from "../../src/model/text.ts";
import { inferenceRecord } from "../../src/facts/inference-record.ts";
import type { Name } from "../../src/facts/name.ts";
import { expectedAddresses, leadsIn, paths, reachOf, type Path } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { claimingZone, privateZones, recordIn, type PrivateZone } from "../../src/facts/private-zones.ts";
import { doubtOf } from "../../src/facts/stale-record-doubt.ts";
import { vantage } from "../../src/facts/vantage.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

const missing = (what: string) =>
  reason<RecordFault>({
    severity: "error",
    title: `The private DNS zone has no record for ${what}`,
    detail: ({ recordName, zone }) =>
      `${zone} has no A record ${recordName}; the zone is linked here, so nobody else is asked and the name does not resolve.`,
    fix: fixRecord,
    causedBy: [
      "dns-duplicate-zones",
      "pe-inference-member-missing",
      "pe-predates-2022-05-24",
      "ws-no-private-endpoint",
      "ws-pe-removed-not-public",
    ],
    rivals: ["dns-zone-not-linked", "dns-zone-missing"],
  });

/**
 * Names that Azure's own DNS, asked from here, denies out of a linked zone (the record is missing), or answers with a
 * private address that no private endpoint has and that does not serve the name (the record is stale). The denial itself
 * says which zone spoke: its last CNAME and its SOA.
 */
export default defineProbe({
  id: "dns/zone-records",
  title: "The private DNS zones hold the private endpoints' addresses",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-secure-online-endpoint#troubleshooting"],
  needs: {
    paths,
    vantage,
    zones: raw(privateZones),
    privateEndpoints: raw(privateEndpoints),
    unasked: raw(inferenceRecord),
    workspace: maybe(workspace),
  },
  consequence: "Whether the private DNS zones hold the right records",
  reasons: {
    "dns-record-missing-workspace": missing("the workspace"),
    "dns-record-missing-notebooks": missing("the workspace's notebooks"),
    "infdns-a-record-missing": missing("online endpoints (the inference wildcard)"),
    "acr-data-endpoint-dns-missing": missing("the registry's data endpoint, from which image layers come"),
    "pe-dns-zone-group-missing": reason<RecordFault>({
      severity: "error",
      title: "Nothing writes the private endpoint's record: the zone has none, and no DNS zone group keeps it",
      detail: ({ recordName, zone, fqdn }) =>
        `${zone} has no A record ${recordName}, so ${fqdn} does not resolve here.`,
      fix: fixRecord,
      causedBy: ["dns-duplicate-zones"],
      rivals: ["dns-zone-not-linked", "dns-zone-missing"],
    }),
    "dns-record-stale": reason<RecordFault>({
      severity: "error",
      title: "A DNS record points at an address that the private endpoint does not have",
      detail: ({ fqdn, stale, expected }) =>
        `${fqdn} resolves to ${stale.join(", ")}, expected ${expected.join(", ")}, the private endpoint's own address.`,
      fix: fixRecord,
      causedBy: ["pe-provisioning-failed-or-stale-object", "ws-pe-removed-not-public"],
      rivals: ["cv-tcp-443-to-pe-blocked", "dns-hosts-file-override"],
    }),
  },
  judge({ paths: all, vantage: here, zones, privateEndpoints: known, unasked, workspace: space }, say) {
    // A name that is open to the public too is hidden by the zone all the same when its record is missing.
    const isHidden = ({ name, azure, here: found }: Path): boolean =>
      azure.relation === "nothing" &&
      found === "nothing" &&
      name.expected.some(({ subnetId }) => subnetId !== undefined && sameId(parentId(subnetId), here.vnetId));
    const wanted = all.filter((path) => (path.needsPrivate || isHidden(path)) && path.azure.relation !== "no-answer");
    if (wanted.length === 0) return say.skip("Azure DNS does not answer here, or no name has to be private", here.name);
    const state = valueOf(zones);
    const holding = (path: Path): PrivateZone | undefined => {
      const same = (state?.zones ?? []).filter(({ name }) => name === path.name.zone);
      return (
        same.find((zone) =>
          (valueOf(zone.links) ?? []).some(({ properties }) => sameId(properties?.virtualNetwork?.id, here.vnetId)),
        ) ?? same[0]
      );
    };
    const verdicts = wanted.flatMap((path): Verdict[] => {
      const { name, azure } = path;
      const zone = holding(path);
      const record = zone && recordIn(zone, name.recordName);
      const held = (record?.properties?.aRecords ?? []).flatMap(({ ipv4Address }) => ipv4Address ?? []);
      // A link that falls back to the internet answers publicly where the record is missing.
      const redirected =
        azure.relation === "public" &&
        zone?.records.is === "value" &&
        held.length === 0 &&
        (valueOf(zone.links) ?? []).some(
          ({ properties }) =>
            sameId(properties?.virtualNetwork?.id, here.vnetId) &&
            sameText(properties?.resolutionPolicy, "NxDomainRedirect"),
        );
      if ((azure.relation === "public" && !redirected) || leadsIn(path, azure.relation, azure.answer.addresses))
        return [];
      // Another zone of this network answers for the public name itself, which is told of by itself.
      const claims = here.vnetId === undefined ? undefined : claimingZone(state?.zones ?? [], name.fqdn, here.vnetId);
      if (claims !== undefined && azure.answer.chain.length === 1) return [];
      const expected = expectedAddresses(path);
      const endpointId = name.expected[0]?.privateEndpointId;
      const entry = valueOf(known)?.entries.find(({ id }) => sameId(id, endpointId));
      const hasZoneGroup = entry !== undefined && (valueOf(entry.zoneGroups)?.length ?? 0) > 0;
      const zoneId = zone?.id ?? state?.named.find((id) => sameText(lastName(id), name.zone));
      const lookedUp = azure.relation === "other-private";
      const data: RecordFault = {
        fqdn: name.fqdn,
        zone: name.zone,
        ...(zoneId === undefined ? {} : { zoneId }),
        recordName: name.recordName,
        expected,
        stale: lookedUp ? azure.answer.addresses.filter((address) => !expected.includes(address)) : [],
        ...(endpointId === undefined ? {} : { endpointId }),
        hasZoneGroup,
      };
      const about = [
        name.alias,
        name.resourceId,
        ...(endpointId === undefined ? [] : [endpointId]),
        ...(zoneId === undefined ? [] : [zoneId]),
        ...data.stale.map((address) => `${address}:443`),
      ];
      const evidence: Evidence[] = [
        dnsEvidence(azure.answer, expected.join(", ")),
        ...(record
          ? [armEvidence(record.id, "properties.aRecords", held.join(", ") || "none", expected.join(", "))]
          : zone?.records.is === "value"
            ? [armEvidence(zone.id, `A/${name.recordName}`, "no such record", expected.join(", "))]
            : []),
        ...(endpointId === undefined
          ? []
          : [armEvidence(endpointId, "address on the network interface", expected.join(", "))]),
      ];
      const [address = ""] = data.stale;
      const inferredFrom = lookedUp ? doubtOf(path, held.includes(address), zones, known) : undefined;
      const last = azure.answer.chain.at(-1) ?? name.fqdn;
      // Without the alias, or with another workspace's, it is not this zone that answered or denied the name.
      if (dnsName(last) !== dnsName(name.alias) && (lookedUp ? inferredFrom !== undefined : !redirected))
        return [
          say.unknown(
            `Azure DNS ${lookedUp ? "answers" : "denies"} the name at ${last}, which is not its alias ${name.alias}`,
            { subject: name.fqdn },
          ),
        ];
      if (lookedUp) {
        const reach = reachOf(path, address);
        return [
          say.found("dns-record-stale", {
            subject: name.fqdn,
            about,
            data,
            evidence: [...evidence, ...(reach ? [reachEvidence(reach, "open")] : [])],
            ...(inferredFrom === undefined ? {} : { confidence: "likely" as const, inferredFrom }),
            ruledOut: [
              {
                id: "cv-tcp-443-to-pe-blocked",
                by: "the address is not the private endpoint's, so nothing has to answer there",
              },
              { id: "dns-hosts-file-override", by: "Azure DNS itself gives the address" },
            ],
          }),
        ];
      }
      if (held.length > 0)
        return [
          say.unknown(
            "the zone holds the record and Azure DNS denies it: a record made moments ago shows when the denial's TTL has run out",
            { subject: name.fqdn },
          ),
        ];
      return [
        say.found(missingReason(name), {
          subject: name.fqdn,
          about,
          data,
          evidence,
          ...(missingReason(name) === "pe-dns-zone-group-missing" && hasZoneGroup
            ? {
                confidence: "likely" as const,
                inferredFrom:
                  "the zone has no record although a zone group is attached: it was deleted by hand, or the group names another zone",
              }
            : {}),
          ruledOut: [
            {
              id: "dns-zone-not-linked",
              by: redirected
                ? "the link is there, and falls back to the internet"
                : "the denial comes out of the zone itself; an unlinked zone gives the public answer",
            },
            { id: "dns-zone-missing", by: "a missing zone gives the public answer" },
          ],
        }),
      ];
    });
    const next = valueOf(unasked);
    if (next !== undefined)
      verdicts.push(
        say.found("infdns-a-record-missing", {
          subject: next.served,
          about: [next.zoneId, next.endpointId],
          data: { ...next, fqdn: next.alias, expected: next.addresses, stale: [] },
          evidence: [
            armEvidence(next.zoneId, `A/${next.recordName}`, "no such record", next.addresses.join(", ")),
            armEvidence(
              next.endpointId,
              `address for ${next.served} on the network interface`,
              next.addresses.join(", "),
            ),
          ],
          ruledOut: [
            { id: "dns-zone-not-linked", by: "the zone is linked to this network" },
            { id: "dns-zone-missing", by: "the zone is there and holds the workspace's own record" },
          ],
          // Nobody misses it yet, unless it is legacy mode that keeps endpoints from being there.
          ...(space?.properties.v1LegacyMode === true ? {} : { as: "warning" as const }),
        }),
      );
    return verdicts.length > 0 ? verdicts : say.pass(undefined, { subject: here.vnetId ?? here.name });
  },
});

const missingReasons = {
  "workspace-api": "dns-record-missing-workspace",
  "workspace-cert": "dns-record-missing-workspace",
  notebooks: "dns-record-missing-notebooks",
  inference: "infdns-a-record-missing",
  "registry-data": "acr-data-endpoint-dns-missing",
} as const;

const missingReason = ({ service }: Name) =>
  service in missingReasons ? missingReasons[service as keyof typeof missingReasons] : "pe-dns-zone-group-missing";
