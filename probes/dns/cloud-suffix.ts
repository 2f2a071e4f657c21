import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { clouds, type CloudName } from "../../src/model/cloud.ts";
import { zonesOfOtherClouds } from "../../src/model/cloud-zones.ts";
import { attachZone, createZone, inZone, linkZone } from "../../src/model/dns-commands.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { dnsName, shortList } from "../../src/model/text.ts";
import { expectedAddresses, paths } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { raw } from "../../src/model/fact.ts";
import { target } from "../../src/facts/target.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns";

interface WrongSuffix {
  readonly zoneId: string;
  readonly wrong: string;
  readonly right: string;
  readonly cloud: string;
  readonly fqdns: readonly string[];
  readonly vnetId?: string;
  readonly endpointId?: string;
  readonly hasZoneGroup: boolean;
}

/**
 * A private DNS zone made from the documentation of another cloud serves nobody. Said only where the zone of this cloud is
 * missing and its names resolve publicly: beside the right zone, the other one does no harm.
 */
export default defineProbe({
  id: "dns/cloud-suffix",
  title: "The private DNS zones carry the suffixes of the workspace's cloud",
  layer: "dns",
  docs: [docs],
  needs: { target, paths, vantage, zones: privateZones, privateEndpoints: raw(privateEndpoints) },
  consequence: "Whether private DNS zones carry the suffixes of another cloud",
  advisory: true,
  reasons: {
    "dns-wrong-cloud-suffix": reason<WrongSuffix>({
      severity: "error",
      title: "A private DNS zone carries the suffix of another cloud",
      detail: ({ wrong, right, cloud, fqdns }) =>
        `The zone ${wrong} belongs to ${cloud}, expected ${right}; ${shortList(fqdns)} resolves publicly.`,
      fix({ zoneId, right, vnetId, endpointId, hasZoneGroup, fqdns }) {
        const place = parseArmId(zoneId);
        const id = zoneId.slice(0, zoneId.lastIndexOf("/") + 1) + right;
        return {
          summary: `Create the zone ${right}, link it to the clients' networks, and attach it to the private endpoint's DNS zone group, which writes the records`,
          commands: [
            az("network", "private-dns", "link", "vnet", "list", ...inZone(zoneId), "--output", "table"),
            ...(place ? [createZone(id)] : []),
            ...(vnetId === undefined ? [] : [linkZone(id, vnetId)]),
            ...(endpointId === undefined ? [] : attachZone(endpointId, id, hasZoneGroup)),
          ],
          warning:
            "The networks that the wrong zone is linked to need the right one: the first command lists them. Forwarders on DNS servers need the suffixes of this cloud too.",
          takesEffect: "Within a few minutes, plus the TTL of cached answers",
          verify: fqdns.slice(0, 1).map((fqdn) => `nslookup ${fqdn}`),
          docs,
        };
      },
      rivals: ["dns-zone-missing", "cv-cloud-mismatch"],
    }),
  },
  judge({ target: { cloud }, paths: all, vantage: here, zones, privateEndpoints: known }, say) {
    const others = zonesOfOtherClouds(cloud in clouds ? (cloud as CloudName) : "AzureCloud");
    const found = (zones.ofOtherClouds ?? []).flatMap((zone) => {
      const other = others.get(dnsName(zone.name));
      if (other === undefined || zones.zones.some(({ name }) => name === other.right)) return [];
      const hurt = all.filter(
        (path) => path.needsPrivate && path.name.zone === other.right && path.azure.relation === "public",
      );
      const first = hurt[0];
      if (first === undefined) return [];
      const endpointId = first.name.expected[0]?.privateEndpointId;
      const entry = valueOf(known)?.entries.find(({ id }) => id.toLowerCase() === endpointId?.toLowerCase());
      const groups = entry && valueOf(entry.zoneGroups);
      return [
        say.found("dns-wrong-cloud-suffix", {
          subject: zone.id,
          about: [other.right, ...hurt.flatMap(({ name }) => [name.fqdn, name.alias])],
          data: {
            zoneId: zone.id,
            wrong: zone.name,
            right: other.right,
            cloud: other.cloud,
            fqdns: hurt.map(({ name }) => name.fqdn),
            ...(here.vnetId === undefined ? {} : { vnetId: here.vnetId }),
            ...(endpointId === undefined ? {} : { endpointId }),
            hasZoneGroup: (groups?.length ?? 0) > 0,
          },
          evidence: [
            armEvidence(zone.id, "name", zone.name, other.right),
            dnsEvidence(first.azure.answer, expectedAddresses(first).join(", ")),
          ],
          ruledOut: [
            { id: "cv-cloud-mismatch", by: `the workspace's own names are those of ${cloud}` },
            { id: "dns-zone-missing", by: "somebody did make a zone for it, under another cloud's name" },
          ],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: here.vnetId ?? here.name });
  },
});
