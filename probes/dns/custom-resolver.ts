import { isPublicAddress } from "../../src/model/address.ts";
import { azureDnsAddress } from "../../src/model/cloud.ts";
import { inZone } from "../../src/model/dns-commands.ts";
import { dnsEvidence, soaEvidence } from "../../src/model/evidence.ts";
import { setForwarders, type ServerFault } from "../../src/model/dns-remedies.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import type { Path } from "../../src/facts/paths.ts";
import { deniesByItself } from "../../src/facts/server-denials.ts";
import {
  asksForeignServer,
  claimedZoneOf,
  failsOnAll,
  forwardsAliasesOnly,
  knowsAliasZone,
  proxiesElsewhere,
  resolverComparison,
} from "../../src/facts/resolver-comparison.ts";
import { serverApart } from "../../src/facts/server-apart.ts";
import { serverFault } from "../../src/facts/server-fault.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

/**
 * A custom DNS server that answers otherwise than Azure DNS does from here. The ways to be wrong look alike from outside
 * and are told apart one by one: it fails on the names, forwards `privatelink.*` alone, forwards everything but
 * `inference`, or forwards nothing. A server that claims the suffix for itself, one without the link to its network, a
 * firewall's proxy, and a server that is not this network's have probes of their own.
 */
export default defineProbe({
  id: "dns/custom-resolver",
  title: "The custom DNS server forwards the workspace's names to Azure DNS",
  layer: "dns",
  docs: [docs],
  needs: { comparison: resolverComparison, vantage, apart: raw(serverApart) },
  consequence: "Whether this machine's DNS servers forward the private names",
  reasons: {
    "dns-custom-no-forwarder": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server does not forward the workspace's names to Azure DNS",
      detail: ({ server, suffixes, names }) =>
        `${server} gives no private address for ${shortList(names)}. Not forwarded: ${suffixes.join(", ")}.`,
      fix: setForwarders,
      causedBy: ["infdns-wildcard-hijacks-other-workspaces"],
      rivals: [
        "dns-zone-not-linked",
        "dns-zone-not-linked-to-resolver-vnet",
        "dns-forwarder-privatelink-only",
        "infdns-forwarder-missing",
      ],
    }),
    "infdns-forwarder-missing": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server forwards the workspace's names but not those of online endpoints",
      detail: ({ server, suffixes }) => `${server} forwards the workspace API and not ${suffixes.join(", ")}.`,
      fix: setForwarders,
      causedBy: ["infdns-wildcard-hijacks-other-workspaces"],
      rivals: ["dns-custom-no-forwarder", "infdns-a-record-missing"],
    }),
    "dns-forwarder-privatelink-only": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server forwards only the privatelink names and finishes the public ones by itself",
      detail: ({ server, names }) =>
        `${server} resolves the privatelink alias privately and the public name publicly: ${shortList(names)}.`,
      fix: setForwarders,
      rivals: ["dns-custom-no-forwarder"],
    }),
    "dns-forwarder-queries-168-from-onprem": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server gets no answer from where it forwards the workspace's names to",
      detail: ({ server, names }) => `${server} times out or fails for ${shortList(names)}.`,
      fix: setForwarders,
      rivals: ["dns-custom-no-forwarder"],
    }),
  },
  judge({ comparison, vantage: here, apart }, say) {
    const { address, asked, wrong, linked, vnetId, surveyed, zoneIds } = comparison;
    if (asked.length === 0) return say.skip("no name of this workspace has to resolve to a private address", address);
    const { blamed, fault, found, zoneIsSound } = serverFault(comparison);
    if (wrong.length === 0)
      return say.pass(undefined, {
        subject: address,
        evidence: asked
          .slice(0, 1)
          .flatMap(({ resolvers }) => resolvers.slice(0, 1).map(({ answer }) => dnsEvidence(answer))),
      });
    if (blamed.length === 0)
      return say.skip(
        "Azure DNS gives no private address here either, or cannot be asked: zones, records and the network position are looked at by themselves",
        address,
      );
    if (here.instance.is === "absent" && isPublicAddress(address))
      return say.skip(
        "this machine stands outside Azure and asks a public resolver, which takes no forwarders",
        address,
      );
    if (asksForeignServer(comparison)) return say.skip("this machine does not ask its network's DNS servers", address);
    if (proxiesElsewhere(comparison))
      return say.skip("the server is a firewall's DNS proxy with another upstream", address);
    if (failsOnAll(comparison)) {
      if (apart.is === "value")
        return say.skip("the peering with the server's network is broken, which is looked at by itself", address);
      return say.found("dns-forwarder-queries-168-from-onprem", {
        ...found,
        data: fault,
        confidence: "likely",
        inferredFrom: fault.inAzure
          ? "the server gives no sound answer for these names while Azure DNS does"
          : "the server stands in no network that we can read, and fails on these names after trying",
        ruledOut: [
          ...zoneIsSound,
          { id: "dns-custom-no-forwarder", by: "a server without a forwarder would answer publicly" },
        ],
      });
    }
    // A zone of the server's own beats every forwarder: what it does with the aliases is beside the point then.
    if (claimedZoneOf(comparison) !== undefined)
      return say.skip("the server claims the public suffix for itself, which is looked at by itself", address);
    const forwardsWorkspace = asked.some(
      ({ name, resolvers }) => name.service === "workspace-api" && resolvers[0]?.relation === "expected",
    );
    const inferenceOnly = forwardsWorkspace && blamed.every(({ name }) => name.service === "inference");
    const aliasesOnly = forwardsAliasesOnly(comparison);
    // Without SOA, a denial of some names looks the same from a zone of the server's own, a block list, and recursion
    // that ends at the server.
    if (
      blamed.length < asked.length &&
      blamed.every((path) => deniesByItself(path) && (hasAlias(path) || knowsAliasZone(path)))
    )
      return say.unknown(
        `${address} denies ${shortList(fault.names)} without saying for which zone, and resolves the privatelink alias privately`,
        {
          subject: found.subject,
          about: found.about,
          candidates: [
            {
              id: "dns-split-zone-authoritative",
              test: `whether ${address} has a zone or a block list of its own for ${shortList(fault.suffixes)} (on Windows Get-DnsServerZone and Get-DnsServerQueryResolutionPolicy, on BIND the zones in named.conf)`,
            },
            {
              id: aliasesOnly
                ? "dns-forwarder-privatelink-only"
                : inferenceOnly
                  ? "infdns-forwarder-missing"
                  : "dns-custom-no-forwarder",
              test: `whether ${address} forwards ${shortList(fault.suffixes)} to ${azureDnsAddress}, or only the privatelink zone`,
            },
          ],
        },
      );
    const [first] = blamed;
    if (aliasesOnly) {
      const viaZone = first !== undefined && knowsAliasZone(first);
      const shown = viaZone ? first.aliasZone : first?.alias?.answer;
      return say.found("dns-forwarder-privatelink-only", {
        ...found,
        data: fault,
        evidence: [...found.evidence, ...(shown ? [viaZone ? soaEvidence(shown) : dnsEvidence(shown)] : [])],
        ruledOut: [
          ...zoneIsSound,
          {
            id: "dns-custom-no-forwarder",
            by: viaZone
              ? "the server does get the privatelink zone from Azure DNS"
              : "the server does resolve the privatelink alias privately",
          },
        ],
      });
    }
    if (linked === "no") return say.skip("the zones are not linked to the DNS server's network", address);
    if (linked === "unknown" && (vnetId !== undefined || !surveyed))
      return say.unknown(
        `${address} answers publicly, and whether the zones are linked to its network could not be read: without the link, a server that forwards to Azure DNS answers just so`,
        {
          subject: found.subject,
          about: [...found.about, ...zoneIds, ...(vnetId === undefined ? [] : [vnetId])],
          permission:
            vnetId === undefined
              ? "Microsoft.Network/virtualNetworks/read"
              : "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
          candidates: [
            {
              id: inferenceOnly ? "infdns-forwarder-missing" : "dns-custom-no-forwarder",
              test: `whether ${address} forwards ${shortList(fault.suffixes)} to ${azureDnsAddress} (on Windows Get-DnsServerZone and Get-DnsServerForwarder, on BIND the forwarders in named.conf)`,
            },
            {
              id: "dns-zone-not-linked-to-resolver-vnet",
              test: whetherLinked(zoneIds, vnetId ?? `the network of ${address}`),
            },
          ],
        },
      );
    return say.found(inferenceOnly ? "infdns-forwarder-missing" : "dns-custom-no-forwarder", {
      ...found,
      ...(vnetId === undefined
        ? {
            confidence: "likely" as const,
            inferredFrom:
              found.inferredFrom ??
              "its public answers; the server stands in no network that can be read, and one that forwards to a network without the zones would answer so too",
          }
        : {}),
      data: fault,
      ruledOut: [
        ...zoneIsSound,
        ...(linked === "yes"
          ? [{ id: "dns-zone-not-linked-to-resolver-vnet", by: "the zones are linked to the DNS server's network" }]
          : []),
        ...(inferenceOnly
          ? [{ id: "dns-forwarder-privatelink-only", by: "the server has the workspace's own public names right" }]
          : [{ id: "infdns-forwarder-missing", by: "names other than those of online endpoints are affected too" }]),
        ...(inferenceOnly || blamed.some(hasAlias)
          ? []
          : [{ id: "dns-forwarder-privatelink-only", by: "the server does not know the privatelink aliases either" }]),
      ],
    });
  },
});

const hasAlias = (path: Path): boolean => path.alias?.relation === "expected";

function whetherLinked(zoneIds: readonly string[], network: string): string {
  const [zoneId] = zoneIds;
  const { text } =
    zoneId === undefined
      ? az("network", "private-dns", "zone", "list", "--output", "table")
      : az("network", "private-dns", "link", "vnet", "list", ...inZone(zoneId));
  return `whether the zones are linked to ${network}: ${text}`;
}
