import { armEvidence, dnsEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { parentId, parseArmId, sameId } from "../../src/model/arm-id.ts";
import { attachZone, inZone, lastName, linkZone } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { connectNetworks, listPeerings } from "../../src/model/network-remedies.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { dnsName } from "../../src/model/text.ts";
import { networks } from "../../src/facts/networks.ts";
import { paths, reachOf } from "../../src/facts/paths.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { joinOf } from "../../src/facts/reachability.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns";

interface Overwritten {
  readonly fqdn: string;
  readonly machine: string;
  readonly held: readonly string[];
  readonly own: readonly string[];
  readonly ownEndpoint: string;
  readonly otherEndpoint: string;
  readonly network: string;
  readonly otherNetwork?: string;
  /** Whether the two networks are peered: then something between them stops the connection. */
  readonly isPeered: boolean;
  readonly zoneId?: string;
  readonly linkId?: string;
}

/**
 * A name has one record in a zone. Two private endpoints of one resource, each in a network of its own, write it in turn
 * when both networks share the zone: the one that wrote last wins, and the other network is sent away. Said only when both
 * ends were tried: the address that DNS gives does not answer here, and that of this network's own endpoint does.
 */
export default defineProbe({
  id: "private-endpoint/shared-zone",
  title: "DNS gives this network the address of a private endpoint that it reaches",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics"],
  needs: { paths, vantage, zones: raw(privateZones), networks: raw(networks) },
  consequence: "Whether private endpoints of several networks overwrite each other's records",
  reasons: {
    "pe-shared-zone-record-overwrite": reason<Overwritten>({
      severity: "error",
      title: "Private endpoints of two networks share one DNS zone, and the record holds the other network's address",
      detail: ({ fqdn, held, own, ownEndpoint, otherEndpoint }) =>
        `${fqdn} resolves to ${held.join(", ")} of ${lastName(otherEndpoint)}, which does not answer here; expected ${own.join(", ")} of ${lastName(ownEndpoint)} in this network.`,
      fix({ fqdn, machine, held, network, otherNetwork, isPeered, ownEndpoint, zoneId, linkId }) {
        const verify = [`nslookup ${fqdn}`];
        const near = parseArmId(network);
        const shared = parseArmId(zoneId);
        const zone =
          near &&
          shared &&
          `${near.id.split("/").slice(0, 5).join("/")}/providers/Microsoft.Network/privateDnsZones/${shared.name}`;
        const far = parseArmId(otherNetwork);
        const peered =
          isPeered && near && far
            ? [
                {
                  summary: `Find what stops connections from ${near.name} to ${held.join(", ")} in ${far.name}: the two are peered, so it is a rule of a network security group or a route`,
                  commands: [listPeerings(near)],
                  verify: held.map((address) => `nc -vz -w 5 ${address} 443`),
                  docs,
                },
              ]
            : [];
        const ownZone =
          near && shared && zone && linkId !== undefined && !sameId(zone, zoneId)
            ? [
                {
                  summary: `Or give ${near.name} a zone ${shared.name} of its own, with its own private endpoint's records`,
                  commands: [
                    az(
                      "network",
                      "private-dns",
                      "zone",
                      "create",
                      "--subscription",
                      near.subscriptionId,
                      "--resource-group",
                      near.resourceGroup,
                      "--name",
                      shared.name,
                    ),
                    ...attachZone(ownEndpoint, zone, false),
                    az(
                      "network",
                      "private-dns",
                      "link",
                      "vnet",
                      "delete",
                      ...inZone(shared.id),
                      "--name",
                      lastName(linkId),
                      "--yes",
                    ),
                    linkZone(zone, network),
                  ],
                  warning: `A network can be linked to one zone of a name only, so every other record of ${shared.name} that this network needs has to be in the new zone before the link moves. The private endpoint's old zone group has to be deleted first.`,
                  takesEffect: "Within a few minutes, plus the TTL of cached answers",
                  verify,
                  docs,
                },
              ]
            : [];
        return [
          ...peered,
          ...(otherNetwork === undefined || isPeered
            ? []
            : [
                {
                  ...connectNetworks(machine, network, otherNetwork, { peering: docs, inbound: docs }),
                  warning:
                    "One private endpoint for a resource, in a network that all others are joined with, is the layout for a shared zone: afterwards the second endpoint is superfluous.",
                },
              ]),
          ...ownZone,
        ];
      },
      rivals: ["dns-record-stale", "cv-peering-or-connectivity-missing"],
    }),
  },
  judge({ paths: all, vantage: here, zones, networks: known }, say) {
    const { vnetId } = here;
    if (vnetId === undefined) return say.skip("this machine stands in no virtual network that can be read", here.name);
    const several = all.filter(
      ({ name }) => new Set(name.expected.map(({ privateEndpointId }) => privateEndpointId.toLowerCase())).size > 1,
    );
    const found = several.flatMap((path): Verdict[] => {
      const { name, system, azure } = path;
      const own = name.expected.filter(({ subnetId }) => subnetId !== undefined && sameId(parentId(subnetId), vnetId));
      const given = system.addresses.length > 0 ? system.addresses : azure.answer.addresses;
      const other = name.expected.find(({ address }) => given.includes(address));
      const mine = own[0];
      if (mine === undefined || other === undefined || own.some(({ address }) => given.includes(address))) return [];
      const there = reachOf(path, other.address);
      const reach = reachOf(path, mine.address);
      if (there === undefined || there.tcp.outcome === "open" || reach?.tcp.outcome !== "open") return [];
      const zone = (valueOf(zones)?.zones ?? []).find(
        (one) =>
          one.name === name.zone &&
          (valueOf(one.links) ?? []).some(({ properties }) => sameId(properties?.virtualNetwork?.id, vnetId)),
      );
      const link =
        zone && valueOf(zone.links)?.find(({ properties }) => sameId(properties?.virtualNetwork?.id, vnetId));
      const record = zone && valueOf(zone.records)?.find((one) => dnsName(one.name) === dnsName(name.recordName));
      const addresses = own.map(({ address }) => address);
      return [
        say.found("pe-shared-zone-record-overwrite", {
          subject: name.fqdn,
          about: [
            name.alias,
            name.resourceId,
            mine.privateEndpointId,
            other.privateEndpointId,
            ...given.map((address) => `${address}:443`),
            ...(zone ? [zone.id] : []),
          ],
          data: {
            fqdn: name.fqdn,
            machine: here.name,
            held: [...given],
            own: addresses,
            ownEndpoint: mine.privateEndpointId,
            otherEndpoint: other.privateEndpointId,
            network: vnetId,
            isPeered:
              other.subnetId !== undefined &&
              joinOf(vnetId, parentId(other.subnetId), valueOf(known) ?? []).is === "peered",
            ...(other.subnetId === undefined ? {} : { otherNetwork: parentId(other.subnetId) }),
            ...(zone ? { zoneId: zone.id } : {}),
            ...(link ? { linkId: link.id } : {}),
          },
          evidence: [
            dnsEvidence(path.resolvers[0]?.answer ?? azure.answer, addresses.join(", ")),
            ...(record
              ? [
                  armEvidence(
                    record.id,
                    "properties.aRecords",
                    (record.properties?.aRecords ?? []).flatMap(({ ipv4Address }) => ipv4Address ?? []).join(", "),
                    addresses.join(", "),
                  ),
                ]
              : []),
            reachEvidence(there, "open"),
            reachEvidence(reach),
          ],
          ruledOut: [
            {
              id: "dns-record-stale",
              by: `the address belongs to ${lastName(other.privateEndpointId)}, another private endpoint of the same resource`,
            },
            { id: "cv-peering-or-connectivity-missing", by: "this network's own private endpoint answers" },
          ],
        }),
      ];
    });
    if (found.length > 0) return found;
    return several.length === 0
      ? say.skip("no resource has private endpoints in more than one network", here.name)
      : say.pass(undefined, { subject: vnetId });
  },
});
