import { decode, type Answer, type DecodedPacket } from "dns-packet";
import { isIPv4, isIPv6 } from "node:net";
import { dnsName } from "../model/text.ts";
import type { DnsAnswer } from "../model/ports.ts";
import type { Question } from "./question.ts";

/** What an answer says, taken from its bytes. */
export type DecodedAnswer = Required<Pick<DnsAnswer, "rcode" | "chain" | "addresses" | "authoritative">> &
  Pick<DnsAnswer, "ttlSeconds" | "soa"> & {
    /** The answer did not fit and must be asked for again over TCP; nothing else of it is to be used. */
    readonly truncated: boolean;
  };

export type Decoded =
  | { readonly is: "answer"; readonly answer: DecodedAnswer }
  /** Sound, but an answer to something else. */
  | { readonly is: "other-question" }
  | { readonly is: "malformed"; readonly why: string; readonly truncated: boolean };

/** A chain longer than this is given up by every resolver that we know. */
const longestChain = 20;

/** Larger answers do not occur; the decoder takes a third of a second over 64 KB of nested pointers. */
const largestMessage = 16_384;

const rcodes = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

/** Reads a hostile message as the answer to `question`. Never throws. The id has been compared before. */
export function decodeAnswer(message: Buffer, question: Question): Decoded {
  const truncated = message.length >= 3 && (message.readUInt8(2) & 0x02) !== 0;
  try {
    const packet = decodePacket(message);
    const asked = packet.questions?.[0];
    const rcode = packet.rcode;
    // A server that could not read the question cannot repeat it.
    const mayOmitQuestion = rcode !== "NOERROR" && rcode !== "NXDOMAIN";
    if (packet.type !== "response") return { is: "other-question" };
    if (asked === undefined ? !mayOmitQuestion : asked.type !== question.type || dnsName(asked.name) !== question.name)
      return { is: "other-question" };
    const base = { truncated, rcode, authoritative: packet.flag_aa };
    if (truncated) return { is: "answer", answer: { ...base, chain: [question.name], addresses: [] } };
    return { is: "answer", answer: { ...base, ...follow(packet, question) } };
  } catch (error) {
    return {
      is: "malformed",
      why: error instanceof Error && error instanceof Unsound ? error.message : "not a DNS message",
      truncated,
    };
  }
}

/** A message that decodes and yet cannot be true. */
class Unsound extends Error {}

/**
 * The library's decoder behind the checks that it lacks: record counts beyond the message give tens of thousands of
 * phantom records, and records cut short give addresses that are wrong or no addresses at all.
 */
function decodePacket(message: Buffer): DecodedPacket & { rcode: string } {
  if (message.length < 12) throw new Unsound("shorter than a header");
  if (message.length > largestMessage) throw new Unsound(`longer than ${largestMessage} bytes`);
  const count = (offset: number): number => message.readUInt16BE(offset);
  const least = count(4) * 5 + (count(6) + count(8) + count(10)) * 11;
  if (least > message.length - 12) throw new Unsound("record counts exceed the message");
  const packet = decode(message);
  const used = (decode as unknown as { bytes: number }).bytes;
  if (!Number.isFinite(used) || used > message.length) throw new Unsound("records run past the end");
  return { ...packet, rcode: rcodeOf(packet, message) };
}

/** The upper bits of the code travel in the OPT record (RFC 6891, 6.1.3). */
function rcodeOf(packet: DecodedPacket, message: Buffer): string {
  const opt = (packet.additionals ?? []).find((record) => record.type === "OPT");
  const code = (message.readUInt8(3) & 0x0f) + (opt?.type === "OPT" ? opt.extendedRcode << 4 : 0);
  return code === 16 ? "BADVERS" : (rcodes[code] ?? `RCODE_${code}`);
}

/** Follows CNAMEs from the question to the last name, by hand: servers order records as they like, and may loop. */
function follow(
  packet: DecodedPacket,
  question: Question,
): Pick<DecodedAnswer, "chain" | "addresses" | "ttlSeconds" | "soa"> {
  const answers = packet.answers ?? [];
  const chain: string[] = [question.name];
  const ttls: number[] = [];
  const steps = question.type === "CNAME" ? 1 : longestChain;
  for (let step = 0; step < steps; step += 1) {
    const alias = answers.find((record) => record.type === "CNAME" && dnsName(record.name) === chain.at(-1));
    if (alias?.type !== "CNAME") break;
    const target = soundName(alias.data);
    if (chain.includes(target)) throw new Unsound("the CNAME chain loops");
    if (chain.length === longestChain) throw new Unsound(`the CNAME chain is longer than ${longestChain} names`);
    chain.push(target);
    ttls.push(ttlOf(alias));
  }
  const last = chain.at(-1);
  const records = answers.filter((record) => record.type === question.type && dnsName(record.name) === last);
  const addresses = [...new Set(records.flatMap(addressOf))];
  const soa = soaOf([...(packet.authorities ?? []), ...answers]);
  if (records.length > 0 || soa === undefined) ttls.push(...records.map(ttlOf));
  else ttls.splice(0, ttls.length, soa.negativeTtlSeconds);
  return {
    chain,
    addresses,
    ...(ttls.length === 0 ? {} : { ttlSeconds: Math.min(...ttls) }),
    ...(soa === undefined ? {} : { soa: { zone: soa.zone, primary: soa.primary, minimumSeconds: soa.minimumSeconds } }),
  };
}

function addressOf(record: Answer): string[] {
  if (record.type !== "A" && record.type !== "AAAA") return [];
  const sound = record.type === "A" ? isIPv4(record.data) : isIPv6(record.data);
  if (!sound) throw new Unsound(`an ${record.type} record holds no address`);
  return [record.data];
}

function soaOf(
  records: readonly Answer[],
): { zone: string; primary: string; minimumSeconds: number; negativeTtlSeconds: number } | undefined {
  const record = records.find((candidate) => candidate.type === "SOA");
  if (record?.type !== "SOA") return undefined;
  const minimumSeconds = record.data.minimum ?? 0;
  // RFC 2308, 5: the smaller of the two is how long a negative answer lives.
  return {
    zone: soundName(record.name),
    primary: soundName(record.data.mname),
    minimumSeconds,
    negativeTtlSeconds: Math.min(minimumSeconds, ttlOf(record)),
  };
}

/** Names are bytes on the wire; only printable ones are let through to reports. */
function soundName(name: unknown): string {
  if (typeof name !== "string" || name.length > 254 || !/^[\x21-\x7e]+$/.test(name))
    throw new Unsound("a name that cannot be printed");
  return name === "." ? name : dnsName(name);
}

/** RFC 2181, 8: a TTL with its highest bit set counts as 0. */
function ttlOf(record: Answer): number {
  const ttl = "ttl" in record ? (record.ttl ?? 0) : 0;
  return ttl > 0x7fff_ffff ? 0 : ttl;
}
