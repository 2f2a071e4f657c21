import type { NetPort, Reach } from "../model/ports.ts";
import { converse, type Means } from "./conversation.ts";
import { systemLookup } from "./dns.ts";
import { unlimited, type Limiter } from "./limiter.ts";
import { proxyFor, type Environment } from "./proxy-environment.ts";
import { reachThroughProxy } from "./proxy.ts";
import type { Route } from "./route.ts";
import { dialTcp, resetsAtOnce } from "./tcp.ts";
import { createTrust } from "./trust.ts";

/** What TCP, TLS and HTTP over real sockets need. */
export interface NetOptions {
  readonly route: Route;
  /** PEM texts of authorities that are trusted besides Node's default roots. */
  readonly ca: readonly string[];
  /** For each stage by itself. */
  readonly timeoutMs: number;
  /** For the HTTP stage, when a model may think for longer; `timeoutMs` when absent. */
  readonly httpTimeoutMs?: number;
  readonly signal: AbortSignal;
  readonly limiter?: Limiter;
  /** Called once for each connection that is dialled. */
  count(): void;
  readonly environment: Environment;
  /** The system's resolver, for a proxy that is given by name. */
  lookup?(name: string): Promise<readonly string[]>;
}

/** TCP, TLS and HTTP to one address at a time. */
export function createNet(options: NetOptions): NetPort {
  const limiter = options.limiter ?? unlimited;
  const stage = { timeoutMs: options.timeoutMs, signal: options.signal };
  const http = { timeoutMs: options.httpTimeoutMs ?? options.timeoutMs, signal: options.signal };
  const means: Means = { trust: createTrust(options.ca), tls: stage, http };
  const count = (): void => {
    options.count();
  };
  const lookup = options.lookup ?? systemLookup;
  return {
    reach: (target) => limiter(() => reach(target, options, means)),
    proxyFor: (host) => proxyFor(host, options.environment)?.url,
    reachThroughProxy: (target) =>
      limiter(() =>
        reachThroughProxy(target, {
          ...means,
          route: options.route,
          dial: stage,
          environment: options.environment,
          lookup,
          count,
        }),
      ),
  };
}

async function reach(target: Parameters<NetPort["reach"]>[0], options: NetOptions, means: Means): Promise<Reach> {
  const { address, port, host } = target;
  options.count();
  const { route } = options;
  const dialled = await dialTcp({ address, port }, route, means.tls);
  const base = { address, port, host };
  if (dialled.outcome !== "open") return { ...base, tcp: dialled };
  const { socket, durationMs } = dialled;
  try {
    if (target.plain === true && target.http === undefined && (await resetsAtOnce(socket, means.tls))) {
      return { ...base, tcp: { outcome: "reset", code: "ECONNRESET", durationMs } };
    }
    return { ...base, tcp: { outcome: "open", durationMs }, ...(await converse(socket, target, means)) };
  } finally {
    socket.destroy();
  }
}
