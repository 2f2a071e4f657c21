import * as z from "zod";
import { gapAt, mapSeen, type Observation } from "../model/observation.ts";
import type { PodCommand } from "../model/pod-commands.ts";
import type { Context } from "../model/ports.ts";

export const podAnswerSchema = z.object({
  outcome: z.enum([
    "answered",
    /** The name has no address for the pod. */
    "unresolved",
    /** The pod's DNS server did not answer. */
    "dns-silent",
    "refused",
    "timeout",
    /** Connected; no answer came in time. */
    "silent",
    /** Connected; the TLS handshake failed. */
    "tls",
    /** The container has no such program. */
    "no-program",
    /** What was written is not understood: nothing follows from it. */
    "unclear",
  ]),
  /** Addresses that the name has for the pod, as `nslookup` shows them. */
  addresses: z.array(z.string()),
  /** Of HTTP. */
  status: z.number().optional(),
  /** The line that tells, cut: `curl: (6) Could not resolve host: …`. */
  said: z.string(),
  /** What the server's certificate says of itself. */
  certificate: z.string().optional(),
});
/** What a command in a pod found out. */
export type PodAnswer = z.infer<typeof podAnswerSchema>;

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs a command in a pod, and reads what it says. */
export async function askPod(
  context: Context,
  place: {
    readonly clusterId: string;
    readonly namespace: string;
    readonly pod: string;
    readonly container?: string | undefined;
  },
  command: PodCommand,
): Promise<Observation<PodAnswer>> {
  const { clusterId, namespace, pod, container } = place;
  if (context.kubernetes === undefined || context.inCluster !== true)
    return gapAt(`run ${command.run} in pod ${pod} of ${namespace}`, { gap: "not-collected", why: "excluded" });
  const ended = await context.kubernetes.exec(clusterId, {
    namespace,
    pod,
    ...(container === undefined ? {} : { container }),
    command,
  });
  return mapSeen(ended, command.run === "look-up" ? readLookUp : readCurl);
}

/** What `nslookup` says, that of BIND and that of BusyBox. An answer for IPv4 alone ends BusyBox's with 1. */
export function readLookUp({ stdout, stderr, exitCode }: Ended): PodAnswer {
  const all = `${stdout}\n${stderr}`;
  if (isMissing(exitCode, all)) return answer("no-program", "nslookup is not in the container");
  // Before the name stands the server's own address.
  const own = /^Name:[\s\S]*/m.exec(stdout)?.[0] ?? "";
  const addresses = [...own.matchAll(/^Address(?: \d+)?:\s*([0-9a-f]*[.:][0-9a-f.:]+)/gim)].flatMap(
    ([, address]) => address ?? [],
  );
  if (addresses.length > 0) return { ...answer("answered", addresses.join(", ")), addresses };
  const silent = lineOf(all, /timed out|no servers could be reached|connection refused/i);
  if (silent !== undefined) return answer("dns-silent", silent);
  const denied = lineOf(all, /can't (?:find|resolve)|NXDOMAIN|No answer/i);
  return denied === undefined ? answer("unclear", "") : answer("unresolved", denied);
}

/** What `curl` says: by its exit code, and by its words where a code has several meanings. */
export function readCurl({ stdout, stderr, exitCode }: Ended): PodAnswer {
  if (isMissing(exitCode, stderr)) return answer("no-program", "curl is not in the container");
  const said = lineOf(stderr, /^curl: /) ?? "";
  const certificate = certificateIn(stderr);
  const more = certificate === undefined ? {} : { certificate };
  const status = /^HTTP\/[\d.]+ (\d{3})/m.exec(stdout)?.[1];
  if (exitCode === 0 && status !== undefined) {
    const word = /^Swagger not found/im.test(stdout) ? ", Swagger not found" : "";
    return { ...answer("answered", `HTTP ${status}${word}`), status: Number(status), ...more };
  }
  if (exitCode === 6 || /could not resolve host/i.test(said))
    return answer(/timed? ?out/i.test(said) ? "dns-silent" : "unresolved", said);
  // Only once a connection stands does curl call what timed out the operation.
  if (exitCode === 28 && /^curl: \(28\) Operation timed out/i.test(said)) return { ...answer("silent", said), ...more };
  if (exitCode === 28)
    return answer(/resolving timed out/i.test(said) ? "dns-silent" : "timeout", said || "curl: (28) timed out");
  if (exitCode === 7) return answer(/timed? ?out|timeout/i.test(said) ? "timeout" : "refused", said || "curl: (7)");
  if (exitCode === 35 || exitCode === 60) return { ...answer("tls", said || `curl: (${exitCode})`), ...more };
  return answer("unclear", said);
}

function answer(outcome: PodAnswer["outcome"], said: string): PodAnswer {
  return { outcome, addresses: [], said: said.slice(0, 200) };
}

function isMissing(exitCode: number, text: string): boolean {
  return exitCode === 127 || (exitCode === 126 && /not found|no such file/i.test(text));
}

function lineOf(text: string, pattern: RegExp): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => pattern.test(line));
}

/** The certificate as `curl --verbose` shows it. */
function certificateIn(stderr: string): string | undefined {
  const subject = /^\*\s+subject: (.+)$/m.exec(stderr)?.[1]?.trim();
  const until = /^\*\s+expire date: (.+)$/m.exec(stderr)?.[1]?.trim();
  return subject === undefined
    ? undefined
    : `${subject.slice(0, 120)}${until === undefined ? "" : `, until ${until.slice(0, 40)}`}`;
}

/** Runs a first command alone and the rest at once: where the first is refused, so would be the rest, and none is run. */
export async function inTurn<C, T>(
  commands: readonly C[],
  run: (command: C) => Promise<T>,
  isRefused: (answer: T) => boolean,
): Promise<T[]> {
  const [first, ...rest] = commands;
  if (first === undefined) return [];
  const answered = await run(first);
  return isRefused(answered) ? [answered] : [answered, ...(await Promise.all(rest.map(run)))];
}
