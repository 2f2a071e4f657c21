import { reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import type { Certificate, Reach, TlsFault } from "../../src/model/ports.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { shortList } from "../../src/model/text.ts";
import { ownPath, type ManagementHost } from "../../src/facts/own-path.ts";
import { isMadeOut, isOfService, kindOf } from "../../src/facts/certificates.ts";
import { paths, type Path } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";

interface Tls {
  readonly hosts: readonly string[];
  readonly issuer: string;
  readonly names: readonly string[];
  readonly faults: readonly string[];
  readonly address: string;
}

/**
 * Whether the certificates that the services present here are the services' own. One stranger's authority in front of
 * several unrelated services (a key vault, a storage account, a workspace) is an inspecting device; a certificate of the
 * right authority for other names is a call that went astray.
 */
export default defineProbe({
  id: "client/tls",
  title: "The services present their own certificates to this machine",
  layer: "transport",
  docs: [docs],
  needs: { paths: raw(paths), vantage, own: raw(ownPath) },
  consequence: "Whether TLS reaches the services untouched",
  reasons: {
    "cv-tls-inspection": reason<Tls>({
      severity: "error",
      title: "A device on the way replaces the services' certificates (TLS inspection)",
      detail: ({ issuer, hosts }) =>
        `${shortList(hosts)} present certificates issued by ${issuer}, which this machine does not trust and which is none of Microsoft's authorities.`,
      fix: ({ hosts }) => ({
        summary: `Exempt the names from TLS inspection on the inspecting device (do not inspect: ${hosts.join(", ")})`,
        commands: hosts.slice(0, 1).map((host) => ({
          shell: "sh" as const,
          text: `openssl s_client -connect ${host}:443 -servername ${host} </dev/null 2>/dev/null | openssl x509 -noout -issuer -subject`,
        })),
        warning:
          "Where inspection has to stay, every client must trust the device's authority (REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, the system's store); compute nodes and Microsoft's own services cannot be taught to.",
        takesEffect: "At once for new connections",
        verify: hosts
          .slice(0, 1)
          .map(
            (host) =>
              `openssl s_client -connect ${host}:443 -servername ${host} </dev/null | openssl x509 -noout -issuer`,
          ),
        docs,
      }),
      rivals: ["scoring-tls-name-mismatch"],
    }),
    "scoring-tls-name-mismatch": reason<Tls>({
      severity: "error",
      title: "The certificate is not good for the name that was called",
      detail: ({ hosts, names, issuer, address }) =>
        `${address} presents a certificate for ${shortList(names) || "no name"} issued by ${issuer}; called was ${shortList(hosts)}.`,
      fix: ({ hosts, address }) => ({
        summary:
          "Call the service by its own name, and take whatever stands between and answers with another certificate out of the way",
        commands: hosts.slice(0, 1).map((host) => ({
          shell: "sh" as const,
          text: `curl -sv --resolve ${host}:443:${address} https://${host}/ -o /dev/null`,
        })),
        verify: hosts
          .slice(0, 1)
          .map(
            (host) =>
              `openssl s_client -connect ${address}:443 -servername ${host} </dev/null | openssl x509 -noout -text`,
          ),
        docs,
      }),
      rivals: ["cv-tls-inspection"],
      causedBy: ["dns-record-stale", "dns-hosts-file-override"],
    }),
  },
  judge({ paths: known, vantage: here, own }, say) {
    if (known.is === "absent") return say.skip("there is no workspace", here.name);
    if (known.is === "gap") {
      // Resource Manager itself did not answer: the two hosts of the management plane are all that was dialled.
      const strange = foreign(own.is === "value" ? own.value.hosts : []);
      const [first] = strange;
      if (first === undefined) return say.unknown(known);
      const hosts = strange.map(({ name }) => name);
      return say.found("cv-tls-inspection", {
        subject: here.name,
        about: hosts,
        data: { hosts, issuer: first.leaf.issuer, names: first.leaf.names, faults: first.faults, address: first.name },
        evidence: strange.map(({ name, port, leaf, faults }): Evidence => ({
          kind: "tls",
          source: `TLS with ${name}:${port}`,
          observed: `${faults.join(", ")}; certificate of ${shortList(leaf.names)}, issued by ${leaf.issuer}`,
          expected: "a certificate that chains to a public authority",
        })),
        ruledOut: [{ id: "scoring-tls-name-mismatch", by: "the certificate is made out for the name that was called" }],
      });
    }
    const all = known.value;
    const seen = all.flatMap((path) =>
      path.reaches.filter((reach) => reach.tls !== undefined && isTaken(path, reach)).map((reach) => ({ path, reach })),
    );
    if (seen.length === 0) return say.skip("no service was reached as far as TLS", here.name);
    const strange = seen.filter(({ reach }) =>
      (reach.tls?.faults ?? []).some((fault) => fault === "untrusted-issuer" || fault === "self-signed"),
    );
    const isSoundBeside = (groups: ReadonlySet<string>): boolean =>
      seen.some(({ path, reach }) => reach.tls?.faults.length === 0 && !groups.has(path.name.groupId));
    const byIssuer = Map.groupBy(strange, ({ reach }) => reach.tls?.chain[0]?.issuer ?? "unknown");
    const verdicts: Verdict[] = [];
    const inspected = new Set<Reach>();
    const isSound = seen.some(({ reach }) => reach.tls?.faults.length === 0);
    for (const [issuer, group] of byIssuer) {
      const first = group[0];
      // Names that fit: the device makes a certificate for whatever was called. Two services of different kinds rule out
      // a mistake in one of them.
      const kinds = new Set(group.map(({ path }) => kindOf(path.name.service)));
      const groups = new Set(group.map(({ path }) => path.name.groupId));
      const isWide = kinds.size >= 2 && (groups.size >= 2 || !isSoundBeside(groups));
      // One service alone: nobody but a device can make a certificate for a name of Azure's, unless it is the service's own
      // authority that this machine does not know.
      const isNarrow = isSound && !isOfService(issuer) && group.every(({ reach }) => isMadeOut(reach));
      if (first === undefined || (!isWide && !isNarrow)) continue;
      const hosts = [...new Set(group.map(({ path }) => path.name.fqdn))];
      for (const { reach } of group) inspected.add(reach);
      verdicts.push(
        say.found("cv-tls-inspection", {
          subject: here.name,
          about: [...hosts, ...group.map(({ reach }) => `${reach.address}:443`)],
          data: {
            hosts,
            issuer,
            names: first.reach.tls?.chain[0]?.names ?? [],
            faults: first.reach.tls?.faults ?? [],
            address: first.reach.address,
          },
          evidence: group
            .slice(0, 3)
            .map(({ reach }) => reachEvidence(reach, "a certificate that chains to a public authority")),
          ...(isWide
            ? {}
            : {
                confidence: "likely" as const,
                inferredFrom: `certificates made out for ${shortList(hosts)} by an authority that is none of the service's; other services present their own`,
              }),
          ruledOut: [
            {
              id: "scoring-tls-name-mismatch",
              by: isWide
                ? `${hosts.length} names of ${kinds.size} different services show the same foreign issuer`
                : "the certificate is made out for the name that was called",
            },
          ],
        }),
      );
    }
    for (const { path, reach } of seen) {
      const faults = reach.tls?.faults ?? [];
      if (faults.length === 0 || inspected.has(reach)) continue;
      const leaf = reach.tls?.chain[0];
      // Nothing else was seen, so a device that stands before everything looks the same.
      if (!faults.includes("name-mismatch") && !isSound) {
        const test = `whether another service shows the same issuer here: curl -sv https://${path.name.fqdn}/ -o /dev/null, and the same with another host`;
        verdicts.push(
          say.unknown(
            `the certificate of ${path.name.fqdn} is ${faults.join(" and ")}, and no other service was seen`,
            {
              subject: path.name.fqdn,
              about: [`${reach.address}:443`],
              candidates: [
                { id: "cv-tls-inspection", test },
                { id: "scoring-tls-name-mismatch", test },
              ],
            },
          ),
        );
        continue;
      }
      verdicts.push(
        say.found("scoring-tls-name-mismatch", {
          subject: path.name.fqdn,
          about: [`${reach.address}:443`],
          data: {
            hosts: [path.name.fqdn],
            issuer: leaf?.issuer ?? "unknown",
            names: leaf?.names ?? [],
            faults,
            address: reach.address,
          },
          evidence: [reachEvidence(reach, `a certificate for ${path.name.fqdn}`)],
          ...(faults.includes("name-mismatch")
            ? {}
            : {
                confidence: "likely" as const,
                inferredFrom: `the certificate is ${faults.join(" and ")} at this one name only`,
              }),
          ruledOut: [{ id: "cv-tls-inspection", by: "other services on the same way present their own certificates" }],
        }),
      );
    }
    return verdicts.length > 0
      ? verdicts
      : say.pass(undefined, {
          subject: here.name,
          evidence: seen.slice(0, 1).map(({ reach }) => reachEvidence(reach)),
        });
  },
});

/** Hosts of the management plane that present a certificate for their name by an authority which nobody trusts here. One by
 * Microsoft or its authorities is the service's own: then this machine's trust store is too old. */
function foreign(
  hosts: readonly ManagementHost[],
): { name: string; port: number; leaf: Certificate; faults: readonly TlsFault[] }[] {
  return hosts.flatMap(({ name, port, reaches, proxy }) => {
    const seen = [...reaches.map((reach) => reach.tls), proxy?.reach?.tls];
    const tls = seen.find((each) =>
      each?.faults.some((fault) => fault === "untrusted-issuer" || fault === "self-signed"),
    );
    const leaf = tls?.chain[0];
    if (tls === undefined || leaf === undefined || tls.faults.includes("name-mismatch")) return [];
    return isOfService(leaf.issuer) ? [] : [{ name, port, leaf, faults: tls.faults }];
  });
}

/** Whether clients here would take this way: the expected address, or whatever the name resolves to. */
function isTaken(path: Path, reach: Reach): boolean {
  return (
    path.name.expected.some(({ address }) => address === reach.address) || path.system.addresses.includes(reach.address)
  );
}
