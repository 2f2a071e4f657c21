import { dnsEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { isPublicAddress } from "../../src/model/address.ts";
import { setForwarders, type ServerFault } from "../../src/model/dns-remedies.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { clientPosition } from "../../src/facts/client-position.ts";
import { expectedAddresses } from "../../src/facts/paths.ts";
import { resolverComparison } from "../../src/facts/resolver-comparison.ts";
import { serverFault } from "../../src/facts/server-fault.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

interface Remote extends ServerFault {
  readonly machine: string;
  readonly isPublic: boolean;
  readonly networks: readonly string[];
}

/** Shows which DNS servers the private endpoints' networks use: those that know the private addresses. */
const showServers = (networks: readonly string[]): Command[] =>
  networks.slice(0, 3).map((id) => az("network", "vnet", "show", "--ids", id, "--query", "dhcpOptions.dnsServers"));

/**
 * A machine outside Azure whose way to the private endpoints is open, by VPN or ExpressRoute, and whose DNS does not know
 * them: only people on premises have the fault. A server that somebody there runs lacks the forwarder, which is told by a
 * check of its own and is the cause then; on a public resolver nobody can set one, and this is the cause itself.
 */
export default defineProbe({
  id: "dns/remote-client",
  title: "This machine, connected from outside Azure, asks DNS servers that know the private addresses",
  layer: "dns",
  docs: [docs],
  needs: { position: clientPosition, vantage, comparison: maybe(resolverComparison) },
  consequence: "Whether the DNS of a machine on premises knows the private addresses",
  advisory: true,
  reasons: {
    "dns-vpn-or-expressroute-client": reason<Remote>({
      severity: "error",
      title:
        "This machine reaches the private endpoints from outside Azure and asks a DNS server that does not know them",
      detail: ({ machine, server, names }) =>
        `${machine} has a way to the private endpoints, and ${server} gives no private address for ${shortList(names)}.`,
      fix: (data) =>
        data.isPublic
          ? {
              summary: `Have the VPN profile or the machine's settings name a DNS server that forwards to Azure DNS (the inbound endpoint of a DNS Private Resolver, or a DNS server on premises with the forwarders) instead of ${data.server}`,
              commands: showServers(data.networks),
              warning:
                "A public resolver never knows private addresses. Fixed entries in the hosts file go stale with the first change of an endpoint.",
              takesEffect: "When the connection is made anew, plus the TTL of cached answers",
              verify: [`nslookup ${data.sample}`],
              docs,
            }
          : setForwarders(data),
      causedBy: [
        "dns-custom-no-forwarder",
        "infdns-forwarder-missing",
        "dns-forwarder-privatelink-only",
        "dns-forwarder-queries-168-from-onprem",
        "dns-split-zone-authoritative",
        "dns-zone-not-linked-to-resolver-vnet",
        "dns-proxy-upstream-not-azure-dns",
        "dns-zone-missing",
        "dns-zone-not-linked",
        "infdns-a-record-missing",
        "dns-record-missing-workspace",
        "dns-record-missing-notebooks",
        "dns-record-stale",
      ],
      rivals: ["cv-client-outside-vnet", "dns-custom-no-forwarder"],
    }),
  },
  judge({ position, vantage: here, comparison }, say) {
    const { wanted, open, networkIds } = position;
    if (here.instance.is === "value") return say.skip("this machine is an Azure VM", here.name);
    if (here.instance.is === "gap") return say.unknown(here.instance, { subject: here.name, matters: false });
    if (wanted.length === 0) return say.skip("no name has to resolve to a private address", here.name);
    if (open === undefined)
      return say.skip(
        "no private endpoint answers: whether this machine is connected at all is the question",
        here.name,
      );
    if (comparison === undefined) return say.skip("this machine has no DNS server of its own", here.name);
    const { blamed, fault, found } = serverFault(comparison);
    const [first] = blamed;
    if (comparison.wrong.length === 0)
      return say.pass(`${comparison.address} knows the private addresses on ${here.name}`, { subject: here.name });
    if (first === undefined) return say.skip("no address that was got is known to be wrong", here.name);
    const isPublic = isPublicAddress(comparison.address);
    const answer = first.resolvers[0]?.answer;
    return say.found("dns-vpn-or-expressroute-client", {
      subject: here.name,
      about: [found.subject, ...found.about, ...blamed.map(({ name }) => name.resourceId)],
      data: { ...fault, machine: here.name, isPublic, networks: [...networkIds] },
      evidence: [
        {
          kind: "machine",
          source: "Azure instance metadata (169.254.169.254)",
          observed: "no answer: this is no Azure VM",
        },
        reachEvidence(open),
        ...(answer === undefined ? [] : [dnsEvidence(answer, expectedAddresses(first).join(", "))]),
      ],
      confidence: "likely",
      inferredFrom:
        "this machine is no Azure VM, a private endpoint takes its connection, and its DNS server does not name it",
      ruledOut: [
        { id: "cv-client-outside-vnet", by: "a private endpoint takes connections from here" },
        ...(isPublic
          ? [
              {
                id: "dns-custom-no-forwarder",
                by: `${comparison.address} is a public resolver, on which nobody sets forwarders`,
              },
            ]
          : []),
      ],
    });
  },
});
