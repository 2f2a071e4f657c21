import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { inZone, lastName, linkZone } from "../../src/model/dns-commands.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { expectedAddresses, paths } from "../../src/facts/paths.ts";
import { holds, linkTo, privateZones, type PrivateZone } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

/**
 * Zones are per resource: two of the same name hold records of their own, and a network can be linked to one of them only.
 * Where the linked one lacks a record that the other has, the private endpoint writes into the wrong twin.
 */
export default defineProbe({
  id: "dns/duplicate-zones",
  title: "The zone that this network is linked to is the one that holds the records",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage, zones: privateZones },
  consequence: "Whether this network is linked to the zone that holds the records",
  reasons: {
    "dns-duplicate-zones": reason<{
      linkedId: string;
      linkId?: string;
      holdingId: string;
      vnetId: string;
      fqdn: string;
    }>({
      severity: "error",
      title: "Two private DNS zones have the same name, and this network is linked to the one without the records",
      detail: ({ linkedId, holdingId }) => `Linked: ${linkedId}. The records are in ${holdingId}.`,
      fix: ({ linkedId, linkId, holdingId, vnetId, fqdn }) => ({
        summary: "Link this network to the zone that holds the records instead of the other one",
        commands: [
          az("network", "private-dns", "record-set", "a", "list", ...inZone(linkedId), "--output", "table"),
          ...(linkId === undefined
            ? [az("network", "private-dns", "link", "vnet", "list", ...inZone(linkedId))]
            : [
                az(
                  "network",
                  "private-dns",
                  "link",
                  "vnet",
                  "delete",
                  ...inZone(linkedId),
                  "--name",
                  lastName(linkId),
                  "--yes",
                ),
              ]),
          linkZone(holdingId, vnetId),
        ],
        warning:
          "A network can be linked to one zone of a name only, so the present link goes first. Names that live only in the old zone stop resolving here: move their records before.",
        verify: [`dig @168.63.129.16 ${fqdn}`],
        docs,
      }),
      rivals: ["dns-zone-not-linked", "infdns-a-record-missing"],
    }),
  },
  judge({ paths: all, vantage: here, zones }, say) {
    const { vnetId } = here;
    if (vnetId === undefined) return say.skip("this machine's virtual network is not known", here.name);
    const wrong = all.filter(
      (path) => path.needsPrivate && (path.azure.relation === "public" || path.azure.relation === "nothing"),
    );
    const verdicts = [...Map.groupBy(wrong, ({ name }) => name.zone)].flatMap(([zoneName, affected]): Verdict[] => {
      const same = zones.zones.filter(({ name }) => name === zoneName);
      const linked = same.find((zone) =>
        sameText(linkTo(zone, vnetId)?.properties?.virtualNetworkLinkState, "Completed"),
      );
      if (linked?.records.is !== "value") return [];
      const lacking = affected.filter(({ name }) => !holds(linked, name));
      const holding = same.find((zone) => zone !== linked && lacking.some(({ name }) => holds(zone, name)));
      const first = lacking[0];
      if (holding === undefined || first === undefined) return [];
      const link = linkTo(linked, vnetId);
      return [
        say.found("dns-duplicate-zones", {
          subject: linked.id,
          about: [...lacking.flatMap(({ name }) => [name.fqdn, name.alias]), zoneName, holding.id, vnetId],
          data: {
            linkedId: linked.id,
            ...(link?.id ? { linkId: link.id } : {}),
            holdingId: holding.id,
            vnetId,
            fqdn: first.name.fqdn,
          },
          evidence: [
            dnsEvidence(first.azure.answer, expectedAddresses(first).join(", ")),
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
    });
    return verdicts.length > 0 ? verdicts : say.pass(undefined, { subject: vnetId });
  },
});

function recordNames(zone: PrivateZone): string[] {
  return (valueOf(zone.records) ?? []).map(({ name }) => name);
}
