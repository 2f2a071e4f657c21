import { randomBytes } from "node:crypto";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import * as z from "zod";
import type { Gap } from "../model/observation.ts";
import { addressOf, codeOf, tlsOptions, type Answer, type Limit } from "./request.ts";
import type { Credentials } from "./sign-in.ts";
import { controlFrame, frameReader } from "./websocket-frames.ts";

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

/** Kubernetes from 1.30 on speaks v5; v4, which every server speaks, differs in what we never send. */
const protocols = "v5.channel.k8s.io, v4.channel.k8s.io";

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
export function execute(credentials: Credentials, pathAndQuery: string, limit: Limit): Promise<ExecResult | Answer> {
  const { server, token } = credentials;
  const timeout = AbortSignal.timeout(limit.timeoutMs);
  const signal = AbortSignal.any([timeout, limit.signal]);
  return new Promise((resolve) => {
    const failed = (error: unknown): void =>
      resolve(
        signal.aborted ? { gap: "timed-out", afterMs: limit.timeoutMs } : { gap: "unreachable", code: codeOf(error) },
      );
    const sent = httpsRequest({
      ...addressOf(server),
      path: `${server.pathname.replace(/\/$/, "")}${pathAndQuery}`,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
        "sec-websocket-protocol": protocols,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      agent: false,
      signal,
      ...tlsOptions(credentials),
    });
    sent.on("error", failed);
    sent.on("response", (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        if (body.length < maxRefusal) body += chunk.toString("utf8");
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", failed);
    });
    sent.on("upgrade", (_, socket, head) => {
      signal.addEventListener(
        "abort",
        () => {
          socket.destroy();
          resolve({ gap: "timed-out", afterMs: limit.timeoutMs });
        },
        { once: true },
      );
      void listen(socket, head).then(resolve);
    });
    sent.end();
  });
}

/** What comes over an open channel until it closes. */
function listen(socket: Duplex, head: Buffer): Promise<ExecResult | Gap> {
  const streams = new Map([1, 2, 3].map((stream) => [stream, [] as Buffer[]]));
  const sizes = new Map<number, number>();
  const read = frameReader();
  return new Promise((resolve) => {
    const end = (): void => {
      socket.destroy();
      const text = (stream: number): string => Buffer.concat(streams.get(stream) ?? []).toString("utf8");
      resolve(resultOf(text(1), text(2), text(3)));
    };
    const take = (bytes: Buffer): void => {
      for (const { kind, payload } of read(bytes)) {
        if (kind === "ping") socket.write(controlFrame("pong", payload));
        else if (kind === "close") {
          socket.write(controlFrame("close", payload));
          end();
        } else {
          const stream = payload[0] ?? 0;
          const size = sizes.get(stream) ?? 0;
          sizes.set(stream, size + payload.length);
          if (size < maxOutput) streams.get(stream)?.push(payload.subarray(1));
        }
      }
    };
    const guarded = (bytes: Buffer): void => {
      try {
        take(bytes);
      } catch {
        end();
      }
    };
    socket.on("data", guarded);
    socket.on("error", end);
    socket.on("close", end);
    if (head.length > 0) guarded(head);
  });
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
