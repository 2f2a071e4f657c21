import { armEvidence, dnsEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { isPrivateAddress } from "../../src/model/address.ts";
import { parentId } from "../../src/model/arm-id.ts";
import { inZone, lastName } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { leadsIn, paths, reachOf } from "../../src/facts/paths.ts";
import { claimingZone, privateZones, wildcardOf } from "../../src/facts/private-zones.ts";
import { regionWildcard } from "../../src/facts/region-wildcard.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

interface Wildcard {
  readonly server: string;
  readonly suffix: string;
  readonly addresses: readonly string[];
  readonly hurt: readonly string[];
  readonly sample: string;
  readonly record: string;
  /** The wildcard's record set, where it stands in a private DNS zone. */
  readonly recordSetId?: string;
}

/**
 * A hand-made record for all endpoints of a region sends every one of them to one private endpoint, which serves its own
 * workspace alone. Seen by asking for an endpoint that cannot exist: whoever gives it a private address made the name up.
 */
export default defineProbe({
  id: "dns/region-wildcard",
  title: "No DNS server sends the endpoints of every workspace of the region to one private endpoint",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage, zones: raw(privateZones), wildcard: regionWildcard },
  consequence: "Whether a wildcard record hijacks endpoints of other workspaces",
  reasons: {
    "infdns-wildcard-hijacks-other-workspaces": reason<Wildcard>({
      severity: "error",
      title: "A wildcard record sends the online endpoints of every workspace of the region to one private endpoint",
      detail: ({ server, suffix, addresses, hurt }) =>
        `${server} answers any name under ${suffix} with ${addresses.join(", ")}, existing or not${hurt.length > 0 ? `; affected: ${shortList(hurt)}` : ""}.`,
      fix: ({ server, suffix, sample, record, recordSetId }) => ({
        summary: recordSetId
          ? `Delete the wildcard record from the private DNS zone ${lastName(parentId(recordSetId))}; the record ${record} in the privatelink zone serves all endpoints of this workspace`
          : `On the DNS server ${server}, replace the record *.${suffix} by a conditional forwarder, or by one record for each endpoint; the record ${record} in the private DNS zone serves all endpoints of this workspace`,
        commands: recordSetId
          ? [
              az(
                "network",
                "private-dns",
                "link",
                "vnet",
                "list",
                ...inZone(parentId(recordSetId)),
                "--output",
                "table",
              ),
              az(
                "network",
                "private-dns",
                "record-set",
                "a",
                "delete",
                ...inZone(parentId(recordSetId)),
                "--name",
                lastName(recordSetId),
                "--yes",
              ),
            ]
          : [
              { shell: "powershell", text: `Get-DnsServerZone | Where-Object { '${suffix}'.EndsWith($_.ZoneName) }` },
              {
                shell: "sh",
                text: `sudo grep -rnF '${suffix}' /etc/bind /etc/unbound /etc/dnsmasq.d /etc/dnsmasq.conf`,
              },
              az("network", "private-dns", "zone", "list", "--query", `[?ends_with('${suffix}', name)].id`),
            ],
        warning:
          "Endpoints of this workspace may live by the wildcard: let the forwarder or their own records work first. A hosts file never covers endpoints that are made later.",
        takesEffect: "At once, plus the TTL of cached answers",
        verify: [`nslookup name-that-does-not-exist.${suffix} ${server}`, `nslookup ${sample} ${server}`],
        docs,
      }),
      rivals: ["dns-custom-no-forwarder", "dns-record-stale"],
      causedBy: ["dns-split-zone-authoritative"],
    }),
  },
  judge({ paths: all, vantage: here, zones, wildcard: { name, answers, neighbours } }, say) {
    // Only an answer without an alias is made up; Azure's own names always lead through one.
    const answer = answers.find(
      ({ addresses, chain }) => chain.length === 1 && addresses.length > 0 && addresses.every(isPrivateAddress),
    );
    if (answer === undefined) return say.pass(undefined, { subject: name.slice(name.indexOf(".") + 1) });
    const hijacked = all.filter(
      (path) =>
        path.name.service === "inference" &&
        path.system.addresses.some((address) => answer.addresses.includes(address)) &&
        !leadsIn(path, path.here, path.system.addresses),
    );
    const hurt = [...hijacked.map((path) => path.name.fqdn), ...(valueOf(neighbours) ?? []).map(lastName)];
    const suffix = name.slice(name.indexOf(".") + 1);
    const zone = here.vnetId === undefined ? undefined : claimingZone(valueOf(zones)?.zones ?? [], name, here.vnetId);
    const recordSet = zone && wildcardOf(zone, name);
    const own = all.find((path) => path.name.service === "inference")?.name;
    return say.found("infdns-wildcard-hijacks-other-workspaces", {
      subject: `*.${suffix}`,
      about: [
        ...(zone ? [zone.id] : []),
        ...hijacked.flatMap((path) => [path.name.fqdn, path.name.resourceId]),
        ...(hijacked.length > 0 ? answer.addresses.map((address) => `${address}:443`) : []),
      ],
      data: {
        server: answer.server,
        suffix,
        addresses: answer.addresses,
        hurt,
        sample: own?.fqdn ?? name,
        record: own?.recordName ?? "of the workspace",
        ...(recordSet ? { recordSetId: recordSet.id } : {}),
      },
      evidence: [
        dnsEvidence(answer, "NXDOMAIN: no endpoint has this name"),
        ...(recordSet
          ? [armEvidence(recordSet.id, "properties.aRecords", recordSet.properties?.aRecords, "no such record")]
          : []),
        ...hijacked.slice(0, 1).flatMap((path) => {
          const reach = reachOf(path, path.system.addresses[0] ?? "");
          return reach ? [reachEvidence(reach)] : [];
        }),
        ...(hurt.length === 0
          ? []
          : [
              {
                kind: "arm" as const,
                source: "other workspaces of the region, or endpoints sent astray",
                observed: shortList(hurt),
              },
            ]),
      ],
      ruledOut: [
        { id: "dns-custom-no-forwarder", by: "a missing forwarder denies a name that does not exist" },
        { id: "dns-record-stale", by: "the answer stands for every name, not for one" },
      ],
      // Nobody is known to be sent astray: this workspace's own endpoints are where the wildcard leads.
      ...(hurt.length === 0 ? { as: "warning" as const } : {}),
    });
  },
});
