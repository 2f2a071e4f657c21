import { dnsEvidence, type Evidence } from "../model/evidence.ts";
import type { RuledOut } from "../model/finding.ts";
import type { ServerFault } from "../model/dns-remedies.ts";
import { expectedAddresses } from "./paths.ts";
import { blamedNames, type ResolverComparison } from "./resolver-comparison.ts";

/** What every finding about a DNS server has in common: its subject, what it is about, and the two answers. */
export function serverFault(comparison: ResolverComparison) {
  const blamed = blamedNames(comparison);
  const first = blamed[0];
  const expected = first === undefined ? "" : expectedAddresses(first).join(", ");
  const answer = first?.resolvers[0]?.answer;
  const fault: ServerFault = {
    server: comparison.address,
    inAzure: comparison.vnetId !== undefined,
    suffixes: comparison.suffixes,
    names: blamed.map(({ name }) => name.fqdn),
    sample: first?.name.fqdn ?? "",
  };
  const evidence: Evidence[] = [
    ...(answer === undefined ? [] : [dnsEvidence(answer, expected)]),
    ...(first === undefined ? [] : [dnsEvidence(first.azure.answer, expected)]),
  ];
  const isProven = comparison.proven.length > 0;
  const zoneIsSound: RuledOut[] = isProven
    ? [
        {
          id: "dns-zone-not-linked",
          by: "Azure DNS gives this network the private address, so zone, link and record are sound",
        },
      ]
    : [];
  return {
    blamed,
    fault,
    zoneIsSound,
    found: {
      subject: `${comparison.address}:53`,
      about: [...blamed.map(({ name }) => name.fqdn), ...blamed.map(({ name }) => name.alias)],
      evidence,
      ...(isProven
        ? {}
        : {
            confidence: "likely" as const,
            inferredFrom:
              "the private endpoint answers here and this server does not know its address; Azure DNS cannot be asked from here",
          }),
    },
  };
}
