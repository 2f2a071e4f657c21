import type { DnsAnswer, Reach } from "./ports.ts";

/** One thing that was seen, as another engineer would accept it. */
export interface Evidence {
  readonly kind: "arm" | "dns" | "tcp" | "tls" | "http" | "log" | "machine" | "kubernetes" | "proxy";
  /** Where it was seen: an ARM id with a property path, `dig @10.0.0.4 name A`, `tcp 10.1.0.5:443`. */
  readonly source: string;
  readonly observed: string;
  /** What it should have been, where that can be said. */
  readonly expected?: string;
}

/** Evidence from a property of an ARM resource. */
export function armEvidence(id: string, path: string, observed: unknown, expected?: string): Evidence {
  const text = observed === undefined ? "absent" : typeof observed === "string" ? observed : JSON.stringify(observed);
  return { kind: "arm", source: `${id} ${path}`, observed: text, ...(expected === undefined ? {} : { expected }) };
}

/** What a server answered, as `dig` would show it. */
export function dnsEvidence(answer: DnsAnswer, expected?: string): Evidence {
  const chain = answer.chain.length > 1 ? ` (via ${answer.chain.slice(1).join(" → ")})` : "";
  const soa = answer.soa === undefined ? "" : `, denied by zone ${answer.soa.zone}`;
  const observed =
    answer.outcome !== "answered"
      ? `no answer: ${answer.outcome}`
      : answer.addresses.length > 0
        ? `${answer.addresses.join(", ")}${chain}`
        : `${answer.rcode ?? "?"}, no address${chain}${soa}`;
  return {
    kind: "dns",
    source: `dig @${answer.server} ${answer.name} ${answer.type}`,
    observed,
    ...(expected === undefined ? {} : { expected }),
  };
}

/** Whose zone a server has: the SOA record that it gives for the zone's own name. */
export function soaEvidence({ server, name, soa }: DnsAnswer): Evidence {
  const observed = soa === undefined ? "no SOA record" : `zone ${soa.zone} of ${soa.primary}`;
  return { kind: "dns", source: `dig @${server} ${name} SOA`, observed };
}

/** How far a connection came. */
export function reachEvidence(reach: Reach, expected?: string): Evidence {
  const target = `${reach.address}:${reach.port}`;
  const wanted = expected === undefined ? {} : { expected };
  if (reach.tcp.outcome !== "open")
    return { kind: "tcp", source: `connect ${target}`, observed: reach.tcp.outcome, ...wanted };
  const { tls, http } = reach;
  if (tls !== undefined && (tls.outcome !== "established" || tls.faults.length > 0)) {
    const leaf = tls.chain[0];
    const issuer =
      leaf === undefined
        ? ""
        : `; certificate of ${leaf.names.slice(0, 3).join(", ") || leaf.subject}, issued by ${leaf.issuer}, valid ${leaf.notBefore} to ${leaf.notAfter}`;
    return {
      kind: "tls",
      source: `TLS ${target} for ${reach.host}`,
      observed: `${tls.faults.join(", ") || tls.outcome}${tls.code === undefined ? "" : ` (${tls.code})`}${issuer}`,
      ...wanted,
    };
  }
  if (http !== undefined) {
    return {
      kind: "http",
      source: `anonymous request to https://${reach.host} at ${target}`,
      observed: http.status === undefined ? http.outcome : `HTTP ${http.status}`,
      ...wanted,
    };
  }
  return { kind: "tcp", source: `connect ${target}`, observed: "open", ...wanted };
}
