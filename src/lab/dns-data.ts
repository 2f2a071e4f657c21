import { isIPv4, isIPv6 } from "node:net";
import type { Answer } from "dns-packet";
import type { World } from "./world.ts";

/** A resource record of a world, its data in the text form of zone files. */
export type WorldRecord = World["dns"]["servers"][string]["records"][number];

/** For records that name none: what Azure's private zones use for hand-made record sets. */
const defaultTtlSeconds = 300;

/** A world record as it goes on the wire, under the name `owner`. Throws an Error that names a record it cannot serve. */
export function wireRecord(record: WorldRecord, owner: string): Answer {
  const base = { name: owner, ttl: record.ttl ?? defaultTtlSeconds, class: "IN" as const };
  const fields = record.data.trim().split(/\s+/);
  const type = record.type.toUpperCase();
  switch (type) {
    case "A":
      if (!isIPv4(record.data)) throw unservable(record, "an IPv4 address");
      return { ...base, type, data: record.data };
    case "AAAA":
      if (!isIPv6(record.data)) throw unservable(record, "an IPv6 address");
      return { ...base, type, data: record.data };
    case "CNAME":
    case "NS":
    case "PTR":
      return { ...base, type, data: hostName(record, record.data) };
    case "TXT":
      return { ...base, type, data: textStrings(record.data) };
    case "SRV": {
      const [priority, weight, port, target] = fields;
      return {
        ...base,
        type,
        data: {
          priority: int(record, priority),
          weight: int(record, weight),
          port: int(record, port),
          target: hostName(record, target),
        },
      };
    }
    case "SOA": {
      const [mname, rname, ...numbers] = fields;
      const [serial, refresh, retry, expire, minimum] = numbers.map((number) => int(record, number));
      if (minimum === undefined) throw unservable(record, "`mname rname serial refresh retry expire minimum`");
      return {
        ...base,
        type,
        data: {
          mname: hostName(record, mname),
          rname: hostName(record, rname),
          serial,
          refresh,
          retry,
          expire,
          minimum,
        },
      };
    }
    default:
      throw unservable(record, "one of the types A, AAAA, CNAME, NS, PTR, SOA, SRV and TXT");
  }
}

/** A name as it is compared: DNS names have no case, and the dot at the end changes nothing. */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** Whether the wire can carry this name (RFC 1035, 2.3.4): the encoder would send something else without a word. */
export function isWireName(name: string): boolean {
  const key = nameKey(name);
  return (
    key === "" ||
    (Buffer.byteLength(key) <= 253 && key.split(".").every((label) => label !== "" && Buffer.byteLength(label) <= 63))
  );
}

function hostName(record: WorldRecord, name: string | undefined): string {
  if (name === undefined || name === "" || !isWireName(name)) throw unservable(record, "a domain name");
  return name;
}

function int(record: WorldRecord, text: string | undefined): number {
  if (text === undefined || !/^\d{1,10}$/.test(text)) throw unservable(record, "numbers where the type has numbers");
  return Number(text);
}

/** Quoted strings stay apart; text without quotes is one string, cut where a string of the wire ends. */
function textStrings(data: string): string[] {
  const quoted = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? "").replace(/\\(.)/g, "$1"));
  const strings = quoted.length > 0 ? quoted : [data];
  return strings.flatMap((text) => text.match(/.{1,60}/gsu) ?? [""]);
}

function unservable(record: WorldRecord, wanted: string): Error {
  return new Error(
    `the DNS record ${record.name} ${record.type} ${JSON.stringify(record.data)} cannot be served: expected ${wanted}`,
  );
}
