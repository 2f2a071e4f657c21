import type { Answer } from "dns-packet";
import { isWireName, nameKey, wireRecord, type WorldRecord } from "./dns-data.ts";

/** What a recursive resolver says to one question, before it is a packet. */
export interface Resolution {
  readonly rcode: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
  readonly answers: readonly Answer[];
  /** The SOA of the closest enclosing zone of a negative answer, when the server has one. */
  readonly authorities: readonly Answer[];
}

/** The records of one server. */
export interface DnsZone {
  /** Never throws. `type` is an upper-case mnemonic; `ANY` matches all. */
  resolve(name: string, type: string): Resolution;
}

/** The records of one name by type. */
type Node = ReadonlyMap<string, readonly WorldRecord[]>;

/** Indexes the records. Throws an Error that names the first record which cannot be served. */
export function createDnsZone(records: readonly WorldRecord[]): DnsZone {
  const nodes = new Map<string, Map<string, WorldRecord[]>>();
  // Every name with something at or below it exists, be it without records of its own (an empty non-terminal).
  const existing = new Set<string>([""]);
  for (const record of records) {
    if (!isWireName(record.name))
      throw new Error(`the DNS record name ${JSON.stringify(record.name)} is no domain name`);
    wireRecord(record, record.name);
    const key = nameKey(record.name);
    const node = nodes.get(key) ?? new Map<string, WorldRecord[]>();
    nodes.set(key, node);
    const type = record.type.toUpperCase();
    node.set(type, [...(node.get(type) ?? []), record]);
    for (let name = key; name !== ""; name = parent(name)) existing.add(name);
  }
  return {
    resolve: (name, type) =>
      resolve(name, type, { find: (key) => findNode(key, nodes, existing), soaOver: (key) => soaOver(key, nodes) }),
  };
}

interface Lookup {
  find(key: string): Node | undefined;
  soaOver(key: string): readonly Answer[];
}

/** Follows CNAMEs to the last name, which the response code is about (RFC 6604). */
function resolve(question: string, type: string, { find, soaOver }: Lookup): Resolution {
  const answers: Answer[] = [];
  const visited = new Set<string>();
  for (let name = question; ;) {
    const key = nameKey(name);
    // Real resolvers give up on a loop, and say nothing of what they saw.
    if (visited.has(key)) return { rcode: "SERVFAIL", answers: [], authorities: [] };
    visited.add(key);
    const node = find(key);
    if (node === undefined) return { rcode: "NXDOMAIN", answers, authorities: soaOver(key) };
    const matches = type === "ANY" ? [...node.values()].flat() : (node.get(type) ?? []);
    if (matches.length > 0) {
      answers.push(...matches.map((record) => wireRecord(record, name)));
      return { rcode: "NOERROR", answers, authorities: [] };
    }
    const alias = node.get("CNAME")?.[0];
    if (alias === undefined) return { rcode: "NOERROR", answers, authorities: soaOver(key) };
    answers.push(wireRecord(alias, name));
    name = alias.data;
  }
}

/**
 * The records that a name has, those of a wildcard included; undefined when there is no such name. RFC 4592: only the
 * wildcard directly below the closest existing ancestor counts, so that any existing name between hides it.
 */
function findNode(key: string, nodes: ReadonlyMap<string, Node>, existing: ReadonlySet<string>): Node | undefined {
  if (existing.has(key)) return nodes.get(key) ?? emptyNode;
  let encloser = parent(key);
  while (!existing.has(encloser)) encloser = parent(encloser);
  const wildcard = encloser === "" ? "*" : `*.${encloser}`;
  return existing.has(wildcard) ? (nodes.get(wildcard) ?? emptyNode) : undefined;
}

const emptyNode: Node = new Map();

/** The SOA record of the closest zone over the name, with the TTL that negative answers carry (RFC 2308, 3). */
function soaOver(key: string, nodes: ReadonlyMap<string, Node>): readonly Answer[] {
  for (let name = key; ; name = parent(name)) {
    const record = nodes.get(name)?.get("SOA")?.[0];
    const soa = record === undefined ? undefined : wireRecord(record, name === "" ? "." : name);
    if (soa?.type === "SOA") return [{ ...soa, ttl: Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0) }];
    if (name === "") return [];
  }
}

/** The name without its first label; the root is its own parent. */
function parent(key: string): string {
  const dot = key.indexOf(".");
  return dot < 0 ? "" : key.slice(dot + 1);
}
