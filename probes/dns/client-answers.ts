import { dnsEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { shortList } from "../../src/model/text.ts";
import { expectedAddresses, leadsIn, paths, reachOf, type Path } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-online-endpoint#troubleshooting";

const causes = [
  "dns-azure-dns-blocked",
  "dns-client-cache-stale",
  "infdns-wildcard-hijacks-other-workspaces",
  "dns-zone-missing",
  "dns-zone-not-linked",
  "dns-duplicate-zones",
  "dns-record-missing-workspace",
  "dns-record-missing-notebooks",
  "infdns-a-record-missing",
  "acr-data-endpoint-dns-missing",
  "pe-dns-zone-group-missing",
  "dns-record-stale",
  "dns-custom-no-forwarder",
  "infdns-forwarder-missing",
  "dns-forwarder-privatelink-only",
  "dns-zone-not-linked-to-resolver-vnet",
  "dns-proxy-upstream-not-azure-dns",
  "dns-client-not-using-vnet-dns",
  "dns-forwarder-queries-168-from-onprem",
  "dns-split-zone-authoritative",
  "dns-vpn-or-expressroute-client",
  "dns-hosts-file-override",
  "cv-client-outside-vnet",
  "cv-peering-or-connectivity-missing",
  "pe-connection-not-approved",
  "pe-inference-member-missing",
  "pe-predates-2022-05-24",
] as const;

interface Outcome {
  readonly fqdn: string;
  readonly got: readonly string[];
  readonly expected: readonly string[];
  readonly how: string;
}

const outcome = (title: string) =>
  reason<Outcome>({
    severity: "error",
    title,
    detail: ({ fqdn, got, expected, how }) =>
      `${fqdn} resolves to ${got.join(", ") || "nothing"} (${how}), expected ${shortList(expected)}.`,
    fix: ({ fqdn, expected }) => ({
      summary: `Mend the DNS of this machine, so that ${fqdn} resolves to ${shortList(expected)}`,
      commands: [],
      warning: "Opening public access instead would expose what was closed on purpose.",
      verify: [`nslookup ${fqdn}`],
      docs,
    }),
    causedBy: causes,
  });

/**
 * What applications on this machine get for each name that has to be private: the consequence of everything that can be
 * wrong with DNS, told in the user's terms. The causes are judged by probes of their own; what none of them explains is
 * reported as it stands.
 */
export default defineProbe({
  id: "dns/client-answers",
  title: "The workspace's names resolve to private addresses on this machine",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage },
  consequence: "Whether names resolve to private addresses on this machine",
  reasons: {
    "ws-pna-disabled-client-public": outcome(
      "The workspace refuses public callers, and its name does not lead this machine to the private endpoint",
    ),
    "infdns-resolves-public-private-endpoint": outcome(
      "The scoring name resolves to a public address, and the endpoint is private",
    ),
    "scoring-name-unresolvable": outcome("The scoring name does not resolve"),
    "kv-dns-resolves-public": outcome("The key vault's name does not resolve to its private endpoint"),
    "st-dns-resolves-public": outcome("A storage name does not resolve to its private endpoint"),
    "acr-dns-resolves-public": outcome("The container registry's name does not resolve to its private endpoint"),
  },
  judge({ paths: all, vantage: here }, say) {
    const wanted = all.filter((path) => path.needsPrivate);
    if (wanted.length === 0)
      return say.skip("no name of this workspace has to resolve to a private address", here.name);
    return wanted.map((path): Verdict => {
      const { name, system } = path;
      const expected = expectedAddresses(path);
      const resolver = path.resolvers[0]?.answer;
      const subject = name.fqdn;
      if (leadsIn(path, path.here, system.addresses)) {
        return say.pass(`${subject} resolves to ${system.addresses.join(", ")}`, {
          subject,
          evidence: resolver ? [dnsEvidence(resolver)] : [],
        });
      }
      if (path.here === "no-answer") {
        // The machine's own look-up may fail for reasons of its own; what its servers say is the measure then. Silence
        // about one name among others that are answered is a lost packet, not a fault.
        const first = path.resolvers[0];
        if (first === undefined) return say.unknown("this machine has no DNS server configured", { subject });
        if (leadsIn(path, first.relation, first.answer.addresses))
          return say.unknown(
            `the system's look-up failed (${system.error ?? "?"}) although ${first.answer.server} answers rightly: a DNS server before it in the configuration may be dead, which costs every look-up time`,
            { subject, matters: false },
          );
        if (first.relation === "no-answer") {
          const silent = first.answer.outcome !== "answered";
          if (silent && wanted.some((other) => other.resolvers[0]?.answer.outcome === "answered"))
            return say.unknown(`${first.answer.server} did not answer for ${subject}, and does for other names`, {
              subject,
            });
          return say.found(
            reasonFor(path),
            failure(
              path,
              expected,
              silent
                ? "no DNS server of this machine answers"
                : `the DNS server answers ${first.answer.rcode ?? "nothing"}`,
            ),
          );
        }
      }
      // A selected-networks firewall may let this machine's public address in, and of a resource that may not be read nothing is
      // known: the service's own answer decides.
      const open = system.addresses
        .map((address) => reachOf(path, address))
        .find((reach) => reach?.http?.status !== undefined && reach.http.status !== 403);
      const mayAdmit = name.publicAccess === "selected" || name.publicAccess === "unread";
      if (mayAdmit && path.here === "public" && open) {
        return say.pass(`${subject} is reached by its public address, and its firewall lets this machine in`, {
          subject,
          evidence: [reachEvidence(open)],
        });
      }
      return say.found(
        reasonFor(path),
        failure(
          path,
          expected,
          path.here === "public"
            ? "public"
            : path.here === "other-private"
              ? "private, but no private endpoint's address"
              : "no address",
        ),
      );
    });
  },
});

function failure(path: Path, expected: readonly string[], how: string) {
  const { name, system, resolvers } = path;
  const reached = system.addresses.flatMap((address) => reachOf(path, address) ?? []).slice(0, 1);
  const evidence: Evidence[] = [
    {
      kind: "machine",
      source: `look-up of ${name.fqdn} by the system`,
      observed: system.addresses.join(", ") || (system.error ?? "nothing"),
      expected: expected.join(", "),
    },
    ...resolvers.slice(0, 1).map(({ answer }) => dnsEvidence(answer, expected.join(", "))),
    ...reached.map((reach) => reachEvidence(reach)),
  ];
  return {
    subject: name.fqdn,
    about: [name.alias, name.zone, name.resourceId, ...name.expected.map(({ privateEndpointId }) => privateEndpointId)],
    data: { fqdn: name.fqdn, got: [...system.addresses], expected, how },
    evidence,
  };
}

function reasonFor({ name, here }: Path) {
  switch (name.service) {
    case "inference":
      return here === "public" ? "infdns-resolves-public-private-endpoint" : "scoring-name-unresolvable";
    case "key-vault":
      return "kv-dns-resolves-public";
    case "registry":
    case "registry-data":
      return "acr-dns-resolves-public";
    case "blob":
    case "file":
    case "queue":
    case "table":
    case "dfs":
      return "st-dns-resolves-public";
    default:
      return "ws-pna-disabled-client-public";
  }
}
