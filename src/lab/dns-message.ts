import dnsPacket, { type DecodedPacket, type OptAnswer, type Question } from "dns-packet";
import type { Resolution } from "./dns-zone.ts";

/** A question as it came in: the decoder leaves the opcode out of its types. */
export type Query = DecodedPacket & { readonly opcode?: string };

/** What UDP carries without EDNS (RFC 1035) and the most that we take a client's word for. */
const plainUdpBytes = 512;
const maximumUdpBytes = 4096;

const rcodes: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
const servfail = 2;
const recursionAvailable = 0x80;
const truncated = 0x200;
/** Recursion desired and checking disabled come back as they were sent. */
const echoedFlags = 0x110;

/** The number of a response code (or of a numeral 0-15). Throws an Error for names that DNS does not have. */
export function rcodeNumber(name: string): number {
  const number = rcodes[name.toUpperCase()] ?? (/^\d{1,2}$/.test(name) ? Number(name) : undefined);
  if (number === undefined || number > 15) throw new Error(`${JSON.stringify(name)} is no DNS response code`);
  return number;
}

/** A query taken apart; undefined when it is not one (a response, or not DNS at all). */
export function decodeQuery(message: Buffer): Query | undefined {
  try {
    const query: Query = dnsPacket.decode(message);
    return query.type === "query" ? query : undefined;
  } catch {
    // The decoder throws plain errors of many kinds; all mean that this is no DNS message.
    return undefined;
  }
}

/** What to say, beside the question and what it fixes. */
export type Saying = Pick<Resolution, "answers" | "authorities"> & { readonly rcode: number };

/** A response in full, as TCP carries it. SERVFAIL when the answer cannot be encoded. */
export function encodeResponse(query: Query, saying: Saying): Buffer {
  const questions: Question[] = query.questions ?? [];
  const packet = { type: "response" as const, id: query.id, questions, additionals: optOf(query).map(optEcho) };
  // The encoder ignores `rcode`: it goes into the low bits of the flags.
  const flags = ((query.flags ?? 0) & echoedFlags) | recursionAvailable;
  try {
    return dnsPacket.encode({
      ...packet,
      flags: flags | saying.rcode,
      answers: [...saying.answers],
      authorities: [...saying.authorities],
    });
  } catch {
    return dnsPacket.encode({ ...packet, flags: flags | servfail });
  }
}

/** The response as it goes over UDP: without data and marked truncated when it is too long for the client. */
export function encodeUdpResponse(query: Query, saying: Saying, alwaysTruncate: boolean): Buffer {
  const full = encodeResponse(query, saying);
  const offered = optOf(query)[0]?.udpPayloadSize ?? plainUdpBytes;
  if (!alwaysTruncate && full.length <= Math.min(Math.max(offered, plainUdpBytes), maximumUdpBytes)) return full;
  const empty = encodeResponse(query, { rcode: saying.rcode, answers: [], authorities: [] });
  empty.writeUInt16BE(empty.readUInt16BE(2) | truncated, 2);
  return empty;
}

/** A message with the right id and question that promises an answer and ends in the middle of it. */
export function encodeMalformed(query: Query): Buffer {
  const message = encodeResponse({ ...query, additionals: [] }, { rcode: 0, answers: [], authorities: [] });
  message.writeUInt16BE(1, 6);
  return Buffer.concat([message, Buffer.from([0xc0, 0x0c, 0x00, 0x01, 0x00])]);
}

function optOf(query: Query): OptAnswer[] {
  return (query.additionals ?? []).filter((record) => record.type === "OPT").slice(0, 1);
}

function optEcho(opt: OptAnswer): OptAnswer {
  return { ...opt, name: ".", extendedRcode: 0, ednsVersion: 0, options: [] };
}
