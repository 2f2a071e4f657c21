import { leadsIn, type Path, type Relation } from "../facts/paths.ts";
import type { Fit, MatrixRow } from "../model/picture.ts";
import type { DnsAnswer, Reach } from "../model/ports.ts";

/** The expectation matrix of a report: one row for each name, in the order of the names. */
export function matrixOf(paths: readonly Path[]): MatrixRow[] {
  return paths.map((path) => ({
    fqdn: path.name.fqdn,
    service: path.name.service,
    resourceId: path.name.resourceId,
    private: path.needsPrivate,
    expected: path.name.expected.map(({ address }) => address),
    system: {
      text: path.system.addresses.join(", ") || (path.system.error ?? "nothing"),
      relation: path.here,
      fit: fitOf(path, path.here, path.system.addresses),
    },
    resolvers: path.resolvers.map((resolver) => answered(path, resolver)),
    azure: answered(path, path.azure),
    reaches: path.reaches.map((reach) => reached(path, reach)),
  }));
}

function answered(path: Path, { answer, relation }: { answer: DnsAnswer; relation: Relation }) {
  return { server: answer.server, text: answerText(answer), relation, fit: fitOf(path, relation, answer.addresses) };
}

function answerText(answer: DnsAnswer): string {
  if (answer.outcome !== "answered") return answer.outcome;
  if (answer.addresses.length > 0) return answer.addresses.join(", ");
  return answer.rcode === "NOERROR" ? "no address" : (answer.rcode ?? "no address");
}

/** A server that does not answer is not judged here: Azure's own is silent outside of Azure, and rightly so. */
function fitOf(path: Path, relation: Relation, addresses: readonly string[]): Fit {
  if (relation === "no-answer") return "open";
  if (path.needsPrivate) return leadsIn(path, relation, addresses) ? "good" : "bad";
  return addresses.length > 0 ? "good" : "open";
}

function reached(path: Path, { address, tcp, tls, http }: Reach): MatrixRow["reaches"][number] {
  return {
    address,
    expected: path.name.expected.some((expected) => expected.address === address),
    tcp: { text: tcp.outcome, fit: tcp.outcome === "open" ? "good" : "bad" },
    ...(tls === undefined
      ? {}
      : {
          tls: {
            text: tls.faults.join(", ") || tls.outcome,
            fit: tls.outcome === "established" && tls.faults.length === 0 ? ("good" as const) : ("bad" as const),
          },
        }),
    ...(http === undefined ? {} : { http: { text: String(http.status ?? http.outcome), fit: httpFit(http) } }),
  };
}

/** An anonymous request is refused by a service that works, too: only silence is bad. A 403 may be either. */
function httpFit({ status }: NonNullable<Reach["http"]>): Fit {
  if (status === undefined) return "bad";
  return status === 403 || status >= 500 ? "open" : "good";
}
