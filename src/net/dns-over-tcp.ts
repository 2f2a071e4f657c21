import { randomInt } from "node:crypto";
import { errorCode } from "./clean-text.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { expiredHearing, type Heard } from "./dns-over-udp.ts";
import { encodeQuestion, type Question } from "./question.ts";
import type { Route } from "./route.ts";
import type { ServerAddress } from "./server-address.ts";
import { dialTcp } from "./tcp.ts";
import { abortedCode, since, within, type Limit } from "./within.ts";

/** Asks over TCP, connecting and answering within one limit. Without EDNS: over TCP it would change nothing. */
export async function askOverTcp(
  server: ServerAddress,
  question: Question,
  route: Route,
  limit: Limit,
): Promise<Heard> {
  const started = performance.now();
  const dialled = await dialTcp(server, route, limit);
  if (dialled.outcome !== "open") {
    if (dialled.code === abortedCode) return expiredHearing("aborted", limit);
    const outcome = dialled.outcome === "reset" ? "malformed" : dialled.outcome;
    return { is: "failed", outcome, detail: dialled.code, tryOther: false };
  }
  const { socket } = dialled;
  const rest = { timeoutMs: Math.max(1, limit.timeoutMs - since(started)), signal: limit.signal };
  const id = randomInt(0x10000);
  return within<Heard>(
    rest,
    (why) => expiredHearing(why, limit),
    (settle) => {
      let heard = Buffer.alloc(0);
      const ended = (detail: string): void => {
        settle({ is: "failed", outcome: "malformed", detail, tryOther: false });
      };
      socket.on("data", (chunk: Buffer) => {
        heard = Buffer.concat([heard, chunk]);
        const message = firstMessage(heard);
        if (message !== undefined) settle(judge(message, id, question));
      });
      socket.on("error", (error) => {
        ended(errorCode(error));
      });
      socket.on("close", () => {
        ended("the connection ended before the answer");
      });
      const body = encodeQuestion(question, id, false);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(body.length);
      socket.write(Buffer.concat([length, body]));
      return () => {
        socket.destroy();
      };
    },
  );
}

/** The first whole message of a stream; a length says how long each is. */
function firstMessage(heard: Buffer): Buffer | undefined {
  if (heard.length < 2) return undefined;
  const end = 2 + heard.readUInt16BE(0);
  return heard.length < end ? undefined : heard.subarray(2, end);
}

function judge(message: Buffer, id: number, question: Question): Heard {
  if (message.length < 2 || message.readUInt16BE(0) !== id)
    return { is: "failed", outcome: "malformed", detail: "an answer with another id", tryOther: false };
  const decoded = decodeAnswer(message, question);
  if (decoded.is === "answer") return decoded;
  return {
    is: "failed",
    outcome: "malformed",
    detail: decoded.is === "malformed" ? decoded.why : "an answer to another question",
    tryOther: false,
  };
}
