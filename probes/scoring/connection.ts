import { reachEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { shortList } from "../../src/model/text.ts";
import { expectedAddresses, paths, type Path } from "../../src/facts/paths.ts";
import { dialledHere, scoringRedials, stoppedAt } from "../../src/facts/scoring-redials.ts";

const docs = "https://learn.microsoft.com/azure/private-link/troubleshoot-private-endpoint-connectivity";

interface Silent {
  readonly fqdn: string;
  readonly addresses: readonly string[];
  readonly how: string;
}

/**
 * What a caller of a managed endpoint meets when nothing answers: the name resolves, and neither TCP nor TLS is had at any
 * address that it resolves to, in two tries. The effect of nearly everything before it; told as a cause only where none of that was
 * found. Any HTTP status proves the path, and a certificate that is wrong is told by a check of its own.
 */
export default defineProbe({
  id: "scoring/connection",
  title: "The scoring addresses that names resolve to here take connections",
  layer: "endpoint",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints"],
  needs: { paths, redials: scoringRedials },
  consequence: "Whether a scoring request gets through to the endpoint",
  reasons: {
    "scoring-tcp-timeout": reason<Silent>({
      severity: "error",
      title: "The scoring name resolves, and no connection to its address is had",
      detail: ({ fqdn, addresses, how }) => `${fqdn} resolves to ${shortList(addresses)}: ${how}, expected TLS.`,
      fix: ({ fqdn, addresses }) => ({
        summary: `Find what stops connections from this machine to ${shortList(addresses)}:443: its own firewall, a rule, a route or a proxy that is not set`,
        commands: addresses.slice(0, 2).map((address) => ({
          shell: "sh" as const,
          text: `curl -sv --connect-timeout 10 -o /dev/null --resolve ${fqdn}:443:${address} https://${fqdn}/`,
        })),
        warning:
          "Nothing in the answers says who drops the connection; the endpoint itself answers every caller that gets through, if only with 401 or 403.",
        verify: [`curl -s --connect-timeout 10 -o /dev/null -w '%{http_code}' https://${fqdn}/score`],
        docs,
      }),
      causedBy: [
        "infdns-resolves-public-private-endpoint",
        "scoring-name-unresolvable",
        "infdns-wildcard-hijacks-other-workspaces",
        "infdns-a-record-missing",
        "dns-record-stale",
        "dns-client-cache-stale",
        "dns-hosts-file-override",
        "dns-nxdomain-redirect",
        "pe-shared-zone-record-overwrite",
        "pe-connection-not-approved",
        "pe-provisioning-failed-or-stale-object",
        "pe-not-reachable-from-client-vnet",
        "pe-network-policies-block-traffic",
        "oe-pna-disabled-no-private-path",
        "nsg-jumpbox-outbound-blocked",
        "udr-routes-pe-through-nva",
        "cv-tcp-443-to-pe-blocked",
        "cv-peering-or-connectivity-missing",
        "cv-proxy-in-path",
        "cv-tls-inspection",
        { reason: "cv-client-outside-vnet", scope: "anywhere" },
      ],
      rivals: ["infdns-resolves-public-private-endpoint", "scoring-tls-name-mismatch", "scoring-403-forbidden"],
    }),
  },
  judge({ paths: all, redials }, say) {
    const scoring = all.filter(({ name }) => name.service === "inference");
    if (scoring.length === 0) return say.skip("no managed online endpoint has a scoring name");
    return scoring.map((path): Verdict => {
      const { name, system, proxy } = path;
      const subject = name.fqdn;
      if (proxy !== undefined)
        return say.skip("callers here go through a proxy, which is looked at by itself", subject);
      const dialled = dialledHere(path);
      if (dialled.length === 0) return say.skip("the name resolves to nothing here", subject);
      const again = redials.find(({ fqdn }) => fqdn === subject)?.addresses ?? [];
      const through = [...dialled, ...again].find((reach) => stoppedAt(reach) === undefined);
      if (through !== undefined)
        return say.pass(`${subject} takes connections at ${through.address}`, {
          subject,
          evidence: [reachEvidence(through)],
        });
      return say.found("scoring-tcp-timeout", {
        subject,
        about: topicsOf(path),
        data: {
          fqdn: subject,
          addresses: [...system.addresses],
          how: [...new Set([...dialled, ...again].map(stoppedAt))].join(", "),
        },
        evidence: [...dialled, ...again].slice(0, 4).map((reach) => reachEvidence(reach, "TCP and TLS")),
        ruledOut: [
          ...(path.here === "expected"
            ? [
                {
                  id: "infdns-resolves-public-private-endpoint",
                  by: "the name resolves to the private endpoint's own address",
                },
              ]
            : []),
          { id: "scoring-403-forbidden", by: "no HTTP answer of any status came" },
        ],
      });
    });
  },
});

/** Everything that a fault on the way to this name can be about. */
function topicsOf(path: Path): string[] {
  const { name, system } = path;
  return [
    name.resourceId,
    name.alias,
    ...[...system.addresses, ...expectedAddresses(path)].map((address) => `${address}:443`),
    ...name.expected.map(({ privateEndpointId }) => privateEndpointId),
  ];
}
