import { createSocket } from "node:dgram";
import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import { errorCode } from "./clean-text.ts";
import { decodeAnswer, type DecodedAnswer } from "./decode-answer.ts";
import { encodeQuestion, type Question } from "./question.ts";
import type { Route } from "./route.ts";
import type { ServerAddress } from "./server-address.ts";
import { silence, within, type Expiry, type Limit } from "./within.ts";

/** What one transport brought. */
export type Heard =
  | { readonly is: "answer"; readonly answer: DecodedAnswer }
  | {
      readonly is: "failed";
      readonly outcome: "timeout" | "refused" | "unreachable" | "malformed";
      readonly detail: string;
      /** Whether another transport may still be heard: false when the server was clear, or the run has ended. */
      readonly tryOther: boolean;
    };

/** What to say when nothing came. */
export function expiredHearing(why: Expiry, limit: Limit): Heard {
  return why === "aborted"
    ? { is: "failed", outcome: "timeout", detail: "the run ended first", tryOther: false }
    : { is: "failed", outcome: "timeout", detail: `nothing within ${limit.timeoutMs} ms`, tryOther: true };
}

/** Codes with which servers answer an OPT record that they do not know. */
const ednsTrouble = ["FORMERR", "NOTIMP", "BADVERS"];

/**
 * Asks over UDP: with EDNS first and, half the time later or when the server stumbles over it, once more without, since
 * some firewalls drop such queries. Answers with another id or to another question are not ours and are passed over.
 */
export async function askOverUdp(
  server: ServerAddress,
  question: Question,
  route: Route,
  limit: Limit,
): Promise<Heard> {
  const place = route(server.address, server.port, "udp");
  if (place === "blackhole") return expiredHearing(await silence(limit), limit);
  let strays = 0;
  const expired = (why: Expiry): Heard =>
    strays > 0 && why === "timeout"
      ? {
          is: "failed",
          outcome: "malformed",
          detail: `${strays} ${strays === 1 ? "packet" : "packets"} came that did not answer the question`,
          tryOther: true,
        }
      : expiredHearing(why, limit);
  return within<Heard>(limit, expired, (settle) => {
    // Connected: the kernel drops packets of other senders and reports that nobody listens.
    const socket = createSocket(isIP(place.host) === 6 ? "udp6" : "udp4");
    const firstId = randomInt(0x10000);
    const secondId = (firstId + randomInt(1, 0x10000)) % 0x10000;
    let secondSent = false;
    let stopped = false;
    const fail = (error: unknown): void => {
      const code = errorCode(error);
      settle({
        is: "failed",
        outcome: code === "ECONNREFUSED" ? "refused" : "unreachable",
        detail: code,
        tryOther: false,
      });
    };
    const send = (id: number, edns: boolean): void => {
      try {
        socket.send(encodeQuestion(question, id, edns), (error) => {
          if (error !== null) fail(error);
        });
      } catch (error) {
        fail(error);
      }
    };
    const sendSecond = (): void => {
      if (secondSent || stopped) return;
      secondSent = true;
      send(secondId, false);
    };
    const retry = setTimeout(() => {
      sendSecond();
    }, limit.timeoutMs / 2);
    socket.on("error", fail);
    socket.on("message", (message) => {
      const id = message.length < 2 ? undefined : message.readUInt16BE(0);
      if (id !== firstId && !(secondSent && id === secondId)) {
        strays += 1;
        return;
      }
      const decoded = decodeAnswer(message, question);
      if (decoded.is === "other-question") strays += 1;
      else if (decoded.is === "malformed") {
        if (decoded.truncated)
          settle({
            is: "answer",
            answer: { truncated: true, rcode: "NOERROR", authoritative: false, chain: [question.name], addresses: [] },
          });
        else settle({ is: "failed", outcome: "malformed", detail: decoded.why, tryOther: false });
      } else if (id === firstId && ednsTrouble.includes(decoded.answer.rcode) && !secondSent) sendSecond();
      else if (!(id === firstId && ednsTrouble.includes(decoded.answer.rcode))) settle(decoded);
    });
    // The callback is handed the error when connecting fails; the types do not say so.
    const onConnected = (error?: unknown): void => {
      if (stopped) return;
      if (error === undefined || error === null) send(firstId, true);
      else fail(error);
    };
    try {
      socket.connect(place.port, place.host, onConnected);
    } catch (error) {
      fail(error);
    }
    return () => {
      stopped = true;
      clearTimeout(retry);
      socket.close();
    };
  });
}
