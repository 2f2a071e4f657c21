import { isPublicAddress } from "../../src/model/address.ts";
import { azureDnsAddress } from "../../src/model/cloud.ts";
import { armEvidence, dnsEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { inZone, lastName } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Remediation } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { expectedAddresses, leadsIn, paths, reachOf } from "../../src/facts/paths.ts";
import { claimingZone, linkTo, privateZones, wildcardOf } from "../../src/facts/private-zones.ts";
import {
  asksForeignServer,
  claimedZoneOf,
  failsOnAll,
  proxiesElsewhere,
  resolverComparison,
  type ResolverComparison,
} from "../../src/facts/resolver-comparison.ts";
import { serverFault } from "../../src/facts/server-fault.ts";
import { vantage, type Vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

interface Claim {
  readonly zone: string;
  readonly fqdns: readonly string[];
  /** Who answers out of the zone: a DNS server that holds it, or Azure DNS for the networks that it is linked to. */
  readonly holder: { readonly server: string } | { readonly zoneId: string; readonly linkId: string };
}

function unclaim({ zone, fqdns: [sample = zone], holder }: Claim): Remediation {
  if ("server" in holder)
    return {
      summary: `Take the zone ${zone} off the DNS server ${holder.server} and forward it to Azure DNS instead`,
      commands: [
        { shell: "powershell", text: `Export-DnsServerZone -Name '${zone}' -FileName '${zone}.backup.dns'` },
        { shell: "powershell", text: `Remove-DnsServerZone -Name '${zone}'` },
        {
          shell: "powershell",
          text: `Add-DnsServerConditionalForwarderZone -Name '${zone}' -MasterServers ${azureDnsAddress}`,
        },
      ],
      warning: "Names that live only in that zone stop resolving: see to it that the private zones have them first.",
      takesEffect: "At once, plus the TTL of cached answers",
      verify: [`dig @${holder.server} ${sample}`],
      docs,
    };
  const { zoneId, linkId } = holder;
  return {
    summary: `Take the link of the zone ${zone} off this network, so that its names lead to the privatelink zones again`,
    commands: [
      az("network", "private-dns", "record-set", "a", "list", ...inZone(zoneId), "--output", "table"),
      az("network", "private-dns", "link", "vnet", "delete", ...inZone(zoneId), "--name", lastName(linkId), "--yes"),
    ],
    warning:
      "Names that live only in that zone stop resolving here: look at the list first, and see to it that the privatelink zones have them.",
    takesEffect: "Within a few minutes, plus the TTL of cached answers",
    verify: [`nslookup ${sample}`],
    docs,
  };
}

/**
 * A zone under one of Azure's public suffixes answers for every name below it: on the DNS server that holds it, or, as a
 * private DNS zone, in the networks that it is linked to. Names that nobody typed in are denied, and those that somebody
 * did go stale. The answer shows it: a denial carries the zone's SOA, and no answer has the alias by which Azure's own
 * names lead to the private endpoint. A wildcard in such a zone is told of by itself.
 */
export default defineProbe({
  id: "dns/claimed-suffix",
  title: "Nobody here claims a public suffix of Azure's for a zone of their own",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage, zones: raw(privateZones), comparison: raw(resolverComparison) },
  consequence: "Whether somebody here claims a public suffix of Azure's",
  advisory: true,
  reasons: {
    "dns-split-zone-authoritative": reason<Claim>({
      severity: "error",
      title: "A zone of somebody's own claims a public suffix of Azure's, and has its names wrong or not at all",
      detail: ({ zone, fqdns, holder }) =>
        "server" in holder
          ? `${holder.server} is authoritative for ${zone} and denies ${shortList(fqdns)}.`
          : `The private DNS zone ${zone} is linked to this network and answers for ${shortList(fqdns)} itself.`,
      fix: unclaim,
      rivals: [
        "dns-custom-no-forwarder",
        "infdns-a-record-missing",
        "dns-record-missing-workspace",
        "dns-record-stale",
      ],
    }),
  },
  judge({ paths: all, vantage: here, zones: known, comparison: compared }, say) {
    const comparison = valueOf(compared);
    const zoneOfServer =
      comparison === undefined || !isServersFault(comparison, here) ? undefined : claimedZoneOf(comparison);
    if (comparison !== undefined && zoneOfServer !== undefined) {
      const { fault, found, zoneIsSound } = serverFault(comparison);
      return say.found("dns-split-zone-authoritative", {
        ...found,
        data: { zone: zoneOfServer, fqdns: fault.names, holder: { server: comparison.address } },
        ruledOut: [
          ...zoneIsSound,
          {
            id: "dns-custom-no-forwarder",
            by: `the denial carries the SOA of ${zoneOfServer}: the server answers for the zone itself`,
          },
        ],
      });
    }
    const { vnetId } = here;
    if (vnetId === undefined) return say.skip("this machine's virtual network is not known", here.name);
    if (known.is !== "value") return say.skip("the private DNS zones could not be read", vnetId);
    const claimed = all.flatMap((path) => {
      const { relation, answer } = path.azure;
      const isAnswered = relation !== "no-answer" && answer.chain.length === 1;
      // A name that is open to the public is hurt where it is denied.
      const isWanted = path.needsPrivate || (relation === "nothing" && path.here === "nothing");
      if (!isWanted || !isAnswered || leadsIn(path, relation, answer.addresses)) return [];
      const zone = claimingZone(known.value.zones, path.name.fqdn, vnetId);
      return zone === undefined || wildcardOf(zone, path.name.fqdn) ? [] : [{ path, zone }];
    });
    const verdicts = [...Map.groupBy(claimed, ({ zone }) => zone)].flatMap(([zone, group]): Verdict[] => {
      const path = group[0]?.path;
      const link = linkTo(zone, vnetId);
      if (path === undefined || link === undefined) return [];
      const fqdns = group.map((one) => one.path.name.fqdn);
      const reach = reachOf(path, path.azure.answer.addresses[0] ?? "");
      return [
        say.found("dns-split-zone-authoritative", {
          subject: zone.id,
          about: [
            ...group.flatMap(({ path: { name, azure } }) => [
              name.fqdn,
              name.alias,
              name.resourceId,
              ...azure.answer.addresses.map((address) => `${address}:443`),
            ]),
            vnetId,
          ],
          data: { zone: zone.name, fqdns, holder: { zoneId: zone.id, linkId: link.id } },
          evidence: [
            dnsEvidence(path.azure.answer, expectedAddresses(path).join(", ")),
            armEvidence(link.id, "properties.virtualNetwork.id", vnetId),
            armEvidence(
              zone.id,
              "A records",
              (valueOf(zone.records) ?? []).map(({ name }) => name),
            ),
            ...(reach ? [reachEvidence(reach)] : []),
          ],
          ruledOut: [
            {
              id: path.name.service === "inference" ? "infdns-a-record-missing" : "dns-record-missing-workspace",
              by: "the name never comes to its privatelink alias: it ends in this zone",
            },
            { id: "dns-record-stale", by: "the answer does not come out of the privatelink zone" },
          ],
        }),
      ];
    });
    return verdicts.length > 0 ? verdicts : say.pass(undefined, { subject: vnetId });
  },
});

/** Whether what the server says counts: it is this network's, stands by its own answers, and could know better. */
function isServersFault(comparison: ResolverComparison, here: Pick<Vantage, "instance">): boolean {
  const isPublic = here.instance.is === "absent" && isPublicAddress(comparison.address);
  const isSilent = failsOnAll(comparison) || comparison.linked === "no";
  return !isPublic && !isSilent && !asksForeignServer(comparison) && !proxiesElsewhere(comparison);
}
