import { dnsEvidence, reachEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { dnsName } from "../../src/model/text.ts";
import { expectedAddresses, leadsIn, paths, reachOf } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics";

/**
 * The machine's own look-up gives another address than every one of its DNS servers, and no hosts file says so: an answer
 * from before a change, kept by the system. Inferred: the cache itself is not read.
 */
export default defineProbe({
  id: "client/name-cache",
  title: "This machine's own look-ups agree with its DNS servers",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage },
  consequence: "Whether this machine keeps outdated answers",
  reasons: {
    "dns-client-cache-stale": reason<{ fqdn: string; got: readonly string[]; expected: readonly string[] }>({
      severity: "error",
      heals: () => true,
      title: "This machine still uses an answer that its DNS servers no longer give",
      detail: ({ fqdn, got, expected }) =>
        `The system resolves ${fqdn} to ${got.join(", ")}; its DNS servers say ${expected.join(", ")}.`,
      fix: ({ fqdn }) => ({
        summary: "Empty the machine's DNS cache and restart the applications that keep connections or answers",
        commands: [
          { shell: "sh", text: "sudo resolvectl flush-caches" },
          { shell: "powershell", text: "Clear-DnsClientCache" },
        ],
        warning:
          "Browsers, proxies, Java and connection pools keep answers of their own. Wait for the TTL before calling a change of DNS failed.",
        takesEffect: "At once for new look-ups",
        verify: [`getent hosts ${fqdn}`, `nslookup ${fqdn}`],
        docs,
      }),
      rivals: ["dns-hosts-file-override", "dns-record-stale"],
    }),
  },
  judge({ paths: all, vantage: here }, say) {
    const hosts = new Set(Object.keys(valueOf(here.hostsFile) ?? {}).map(dnsName));
    const wanted = all.filter((path) => path.needsPrivate && path.resolvers.length > 0);
    if (wanted.length === 0) return say.skip("no name has to resolve to a private address", here.name);
    if (here.hostsFile.is === "gap") return say.unknown(here.hostsFile, { subject: here.name, matters: false });
    const found = wanted.flatMap((path): Verdict[] => {
      const { name, system, resolvers } = path;
      const right = resolvers.every(({ relation, answer }) => leadsIn(path, relation, answer.addresses));
      if (!right || system.addresses.length === 0 || hosts.has(dnsName(name.fqdn))) return [];
      if (leadsIn(path, path.here, system.addresses)) return [];
      const said = resolvers.flatMap(({ answer }) => answer.addresses);
      if (system.addresses.some((address) => said.includes(address))) return [];
      const reach = reachOf(path, system.addresses[0] ?? "");
      return [
        say.found("dns-client-cache-stale", {
          subject: name.fqdn,
          about: [name.alias, name.resourceId, ...system.addresses.map((address) => `${address}:443`)],
          data: { fqdn: name.fqdn, got: system.addresses, expected: expectedAddresses(path) },
          evidence: [
            {
              kind: "machine",
              source: `look-up of ${name.fqdn} by the system`,
              observed: system.addresses.join(", "),
              expected: expectedAddresses(path).join(", "),
            },
            ...resolvers.map(({ answer }) => dnsEvidence(answer)),
            ...(reach ? [reachEvidence(reach)] : []),
          ],
          confidence: "likely",
          inferredFrom:
            "the system's look-up differs from every DNS server of this machine, and the hosts file does not name it",
          ruledOut: [
            { id: "dns-hosts-file-override", by: "the hosts file has no line for the name" },
            { id: "dns-record-stale", by: "every DNS server of this machine gives the private endpoint's address" },
          ],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: here.name });
  },
});
