import { Agent, WebSocket } from "undici";
import type { Gap } from "../model/observation.ts";
import { tlsOptions, type Limit } from "./request.ts";
import type { Credentials } from "./sign-in.ts";

/** What a command in a container wrote, and how it ended. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The answers that we look for are short. */
const maxOutput = 64 * 1024;

/**
 * Runs a command over the `v5.channel.k8s.io` protocol (Kubernetes 1.30 and later): each message begins with the number of
 * its stream, 1 standard output, 2 standard error, 3 the Status in the end. Never rejects. A refusal shows as a closed
 * connection only, because a WebSocket client does not see the answer to its handshake.
 */
export async function execute(credentials: Credentials, pathAndQuery: string, limit: Limit): Promise<ExecResult | Gap> {
  const dispatcher = new Agent({ connect: tlsOptions(credentials) });
  const { server, token } = credentials;
  const url = `wss://${server.host}${server.pathname.replace(/\/$/, "")}${pathAndQuery}`;
  const socket = new WebSocket(url, {
    protocols: ["v5.channel.k8s.io"],
    dispatcher,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  socket.binaryType = "arraybuffer";
  const streams = { 1: "", 2: "", 3: "" };
  const signal = AbortSignal.any([AbortSignal.timeout(limit.timeoutMs), limit.signal]);
  try {
    return await new Promise<ExecResult | Gap>((resolve) => {
      signal.addEventListener("abort", () => resolve({ gap: "timed-out", afterMs: limit.timeoutMs }), { once: true });
      socket.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return;
        const bytes = Buffer.from(data);
        const stream = bytes[0];
        if (stream !== 1 && stream !== 2 && stream !== 3) return;
        if (streams[stream].length < maxOutput) streams[stream] += bytes.subarray(1).toString("utf8");
      });
      socket.addEventListener("error", () =>
        resolve({ gap: "error", code: "exec-refused", message: "the API server did not open the command's channel" }),
      );
      socket.addEventListener("close", () => resolve(resultOf(streams)));
    });
  } finally {
    socket.close();
    await dispatcher.destroy();
  }
}

function resultOf(streams: { readonly 1: string; readonly 2: string; readonly 3: string }): ExecResult | Gap {
  try {
    const status: unknown = JSON.parse(streams[3]);
    if (typeof status === "object" && status !== null && "status" in status) {
      if (status.status === "Success") return { stdout: streams[1], stderr: streams[2], exitCode: 0 };
      const code = /"reason":"ExitCode","message":"(\d+)"/.exec(JSON.stringify(status))?.[1];
      if (code !== undefined) return { stdout: streams[1], stderr: streams[2], exitCode: Number(code) };
    }
  } catch {
    // No Status came: the channel broke before the command ended.
  }
  return { gap: "error", code: "exec-failed", message: "the command did not run to its end" };
}
