import type { IncomingMessage } from "node:http";
import type { ClientOptions, WebSocket } from "ws";
import * as z from "zod";
import type { Gap } from "../model/observation.ts";
import { codeOf, tlsOptions, type Answer, type Limit } from "./request.ts";
import type { Credentials } from "./sign-in.ts";

/** What a command in a container wrote, and how it ended. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 127 when the container has no such program, as a shell would say. */
  readonly exitCode: number;
}

/** The answers that we look for are short. */
const maxOutput = 64 * 1024;
/** Of a refusal only the words are wanted. */
const maxRefusal = 8 * 1024;

/** A longer message than any answer that we look for. */
const maxMessage = 16 * 1024 * 1024;
/** How long a server that said goodbye may leave its connection open. */
const closeTimeoutMs = 500;

/** Kubernetes from 1.30 on speaks v5; v4, which every server speaks, differs in what we never send. */
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

const ending = z.object({
  status: z.string().nullish(),
  message: z.string().nullish(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().nullish(), message: z.string().nullish() })).nullish() })
    .nullish(),
});

/**
 * Runs a command over a WebSocket: each message begins with the number of its stream, 1 standard output, 2 standard
 * error, 3 the Status in the end. Never rejects; a server that does not open the channel is an answer with its status.
 */
export async function execute(
  credentials: Credentials,
  pathAndQuery: string,
  limit: Limit,
): Promise<ExecResult | Answer> {
  const { server, token } = credentials;
  const signal = AbortSignal.any([AbortSignal.timeout(limit.timeoutMs), limit.signal]);
  // Few runs look into a container.
  const { WebSocket } = await import("ws");
  const late: Gap = { gap: "timed-out", afterMs: limit.timeoutMs };
  if (signal.aborted) return late;
  const options: ClientOptions & { readonly closeTimeout: number } = {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    maxPayload: maxMessage,
    perMessageDeflate: false,
    closeTimeout: closeTimeoutMs,
    ...tlsOptions(credentials),
  };
  return new Promise((resolve) => {
    const url = `wss://${server.host}${server.pathname.replace(/\/$/, "")}${pathAndQuery}`;
    const channel = new WebSocket(url, protocols, options);
    const heard = listen(channel);
    // What breaks an open channel ends it, and what came until then is told.
    const failed = (error: unknown): void => {
      if (!heard.isOpen()) resolve({ gap: "unreachable", code: codeOf(error) });
    };
    signal.addEventListener(
      "abort",
      () => {
        resolve(late);
        channel.terminate();
      },
      { once: true },
    );
    channel.on("error", failed);
    channel.on("close", () => resolve(heard.result()));
    channel.on("unexpected-response", (request, response) => {
      void refusalOf(response)
        .then(resolve, failed)
        .then(() => request.destroy());
    });
  });
}

/** What a server answers that opens no channel. */
async function refusalOf(response: IncomingMessage): Promise<Answer> {
  let body = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    body += chunk.toString("utf8");
    if (body.length >= maxRefusal) break;
  }
  return { status: response.statusCode ?? 0, body };
}

/** Keeps what comes over a channel. */
function listen(channel: WebSocket): { isOpen(): boolean; result(): ExecResult | Gap } {
  const streams = new Map([1, 2, 3].map((stream) => [stream, [] as Buffer[]]));
  const sizes = new Map<number, number>();
  let isOpen = false;
  channel.on("open", () => (isOpen = true));
  channel.on("message", (data) => {
    // A channel gives one buffer for a message unless it is told otherwise.
    const payload = data as Buffer;
    const stream = payload[0] ?? 0;
    const size = sizes.get(stream) ?? 0;
    sizes.set(stream, size + payload.length);
    if (size < maxOutput) streams.get(stream)?.push(payload.subarray(1));
  });
  const text = (stream: number): string => Buffer.concat(streams.get(stream) ?? []).toString("utf8");
  return { isOpen: () => isOpen, result: () => resultOf(text(1), text(2), text(3)) };
}

function resultOf(stdout: string, stderr: string, status: string): ExecResult | Gap {
  let document: unknown;
  try {
    document = JSON.parse(status);
  } catch {
    // No Status came: the channel broke before the command ended.
  }
  const parsed = ending.safeParse(document);
  const broken: Gap = { gap: "error", code: "exec-failed", message: "the command did not run to its end" };
  if (!parsed.success) return broken;
  if (parsed.data.status === "Success") return { stdout, stderr, exitCode: 0 };
  const code = parsed.data.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (code && /^\d+$/.test(code)) return { stdout, stderr, exitCode: Number(code) };
  // The container runtime did not find the program: it never ran.
  return /executable file not found|no such file or directory/i.test(parsed.data.message ?? "")
    ? { stdout, stderr, exitCode: 127 }
    : broken;
}
