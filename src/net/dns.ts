import { promises as systemDns } from "node:dns";
import { isIP } from "node:net";
import type { DnsAnswer, DnsPort, SystemAnswer } from "../model/ports.ts";
import { cleanLine, errorCode } from "./clean-text.ts";
import type { DecodedAnswer } from "./decode-answer.ts";
import { askOverTcp } from "./dns-over-tcp.ts";
import { askOverUdp, type Heard } from "./dns-over-udp.ts";
import { unlimited, type Limiter } from "./limiter.ts";
import { makeQuestion } from "./question.ts";
import type { Route } from "./route.ts";
import { parseServer } from "./server-address.ts";
import { abortedCode, since, within } from "./within.ts";

/** What DNS over real sockets needs. */
export interface DnsOptions {
  readonly route: Route;
  /** For UDP, and once more for TCP when that is needed. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly limiter?: Limiter;
  /** Called once for each question that is put to a server. */
  count(): void;
  /** The system's resolver; Node's `dns.lookup` of all addresses when absent. */
  lookup?(name: string): Promise<readonly string[]>;
}

/** The system's `getaddrinfo`, all addresses. */
export async function systemLookup(name: string): Promise<readonly string[]> {
  return (await systemDns.lookup(name, { all: true })).map((entry) => entry.address);
}

/** DNS over UDP and TCP sockets of our own: what each server says, not what the system made of it. */
export function createDns(options: DnsOptions): DnsPort {
  const limiter = options.limiter ?? unlimited;
  return {
    query: (question) => limiter(() => query(question, options)),
    lookup: (name) => limiter(() => lookup(name, options)),
  };
}

async function query(asked: Parameters<DnsPort["query"]>[0], options: DnsOptions): Promise<DnsAnswer> {
  const started = performance.now();
  const server = parseServer(asked.server);
  const base = {
    server: server?.text ?? cleanLine(asked.server, 100),
    name: asked.name,
    type: asked.type,
    chain: [asked.name],
    addresses: [],
  };
  if (server === undefined)
    return { ...base, outcome: "unreachable", transport: "udp", durationMs: 0, detail: "the server is not an address" };
  const question = makeQuestion(asked.name, asked.type);
  if (question === undefined)
    return { ...base, outcome: "malformed", transport: "udp", durationMs: 0, detail: "not a name that DNS can carry" };
  options.count();
  const finish = (transport: "udp" | "tcp", heard: Heard): DnsAnswer => {
    const durationMs = since(started);
    if (heard.is === "answer") return { ...base, outcome: "answered", transport, durationMs, ...shown(heard.answer) };
    return { ...base, chain: [question.name], outcome: heard.outcome, transport, durationMs, detail: heard.detail };
  };
  const udp = await askOverUdp(server, question, options.route, options);
  if (udp.is === "answer" ? !udp.answer.truncated : !udp.tryOther) return finish("udp", udp);
  const tcp = await askOverTcp(server, question, options.route, options);
  if (tcp.is === "answer") return finish("tcp", tcp);
  if (udp.is === "answer")
    return finish("tcp", { ...tcp, detail: `the UDP answer was truncated; over TCP: ${tcp.detail}` });
  // A host may refuse silently over UDP, since many networks drop ICMP: over TCP it cannot hide that nobody listens.
  if (tcp.outcome === "refused") return finish("tcp", { ...tcp, detail: `${tcp.detail}; over UDP: ${udp.detail}` });
  return finish("udp", { ...udp, detail: `${udp.detail}; over TCP: ${tcp.detail}` });
}

function shown({ truncated: _, ...answer }: DecodedAnswer): Omit<DecodedAnswer, "truncated"> {
  return answer;
}

/** The thread of a slow `getaddrinfo` cannot be stopped; it is left behind. */
function lookup(name: string, options: DnsOptions): Promise<SystemAnswer> {
  const ask = options.lookup ?? systemLookup;
  return within<SystemAnswer>(
    options,
    (why) => ({ name, addresses: [], error: why === "aborted" ? abortedCode : "timeout" }),
    (settle) => {
      Promise.resolve()
        .then(() => ask(name))
        .then(
          (found) => {
            const addresses = [...new Set(found.filter((address) => isIP(address) !== 0))];
            settle(addresses.length === 0 ? { name, addresses, error: "ENOTFOUND" } : { name, addresses });
          },
          (error: unknown) => {
            settle({ name, addresses: [], error: errorCode(error) });
          },
        );
      return () => undefined;
    },
  );
}
