import { encode, RECURSION_DESIRED } from "dns-packet";
import type { DnsAnswer } from "../model/ports.ts";
import { dnsName } from "../model/text.ts";

/** What is asked of a server. */
export interface Question {
  /** Lower case, without a trailing dot. */
  readonly name: string;
  readonly type: DnsAnswer["type"];
}

/** The size of UDP answer that fits any path without fragments: https://www.dnsflagday.net/2020/. */
const udpPayloadSize = 1232;

/** Printable ASCII; no backslash, which means an escape to some and itself to others. */
const sendable = /^[\x21-\x5b\x5d-\x7e]{1,63}$/;

/** A question that DNS can carry; undefined when the name is too long or has empty labels. The encoder would send
 * `a..b` as `a` and an overlong label as garbage, without a word. */
export function makeQuestion(name: string, type: DnsAnswer["type"]): Question | undefined {
  const normal = dnsName(name);
  const sound = normal.length <= 253 && normal.split(".").every((label) => sendable.test(label));
  return sound ? { name: normal, type } : undefined;
}

/** The bytes of a query. `edns`: with an OPT record, which a few old servers and firewalls cannot stand. */
export function encodeQuestion(question: Question, id: number, edns: boolean): Buffer {
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: question.type, name: question.name, class: "IN" }],
    ...(edns
      ? {
          additionals: [
            {
              type: "OPT",
              name: ".",
              udpPayloadSize,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: 0,
              flag_do: false,
              options: [],
            },
          ],
        }
      : {}),
  });
}
