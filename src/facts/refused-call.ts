import * as z from "zod";
import { maskSecrets } from "./secret-mask.ts";

export const refusedCallSchema = z.object({
  /** A name or an address, lower case. */
  host: z.string(),
  port: z.number().optional(),
  outcome: z.enum(["timed-out", "refused", "reset", "unresolved"]),
  /** The line of the log, masked and cut. */
  line: z.string(),
});
/** A connection that a container tried to make and did not get. */
export type RefusedCall = z.infer<typeof refusedCallSchema>;

const outcomes: readonly [RegExp, RefusedCall["outcome"]][] = [
  [
    /name or service not known|name resolution|failed to resolve|could not resolve|getaddrinfo|no such host|nodename nor servname/i,
    "unresolved",
  ],
  [/connection refused|ECONNREFUSED|actively refused/i, "refused"],
  [/connection (?:was )?reset|ECONNRESET/i, "reset"],
  [/timed? ?out|timeout|no route to host|network is unreachable|NewConnectionError/i, "timed-out"],
];

/** A peer that was connected and answered late says nothing about the network. */
const slow = /read timed? ?out|ReadTimeout|read timeout=|WORKER TIMEOUT|scoring timeout/i;

const places: readonly RegExp[] = [
  /host=['"]([\w.-]+)['"],\s*port=(\d+)/i,
  /\b(?:https?|wss?|tcp):\/\/([\w.-]+)(?::(\d+))?/i,
  /\b((?:[a-z0-9_-]+\.)+[a-z0-9-]+):(\d{2,5})\b/i,
  /\b(?:connection to|connect to|connecting to|resolve(?: host)?:?)\s+['"]?((?:[\w-]+\.)+[\w-]+)/i,
];

/** `score.py:41` has the shape of a host with a port. */
const file = /\.(?:py|pyx|so|js|ts|json|txt|log|c|cc|cpp|h|go|rs|java|yaml|yml|toml)$/i;

/** The connection that this line says was not made; undefined when it says nothing of the kind, or does not say to whom. */
export function refusedCallIn(line: string): RefusedCall | undefined {
  const outcome = slow.test(line) ? undefined : outcomes.find(([shape]) => shape.test(line))?.[1];
  if (outcome === undefined) return undefined;
  for (const place of places) {
    const found = place.exec(line);
    const host = found?.[1]?.toLowerCase().replace(/\.$/, "");
    if (host === undefined || !host.includes(".") || file.test(host) || /^(?:127\.|0\.0\.0\.0$|169\.254\.)/.test(host))
      continue;
    const port = found?.[2] === undefined ? undefined : Number(found[2]);
    return { host, ...(port === undefined ? {} : { port }), outcome, line: maskSecrets(line.trim()) };
  }
  return undefined;
}
