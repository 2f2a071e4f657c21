import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { Gap } from "../model/observation.ts";
import type { Credentials } from "./sign-in.ts";

/** How long a wait may take. */
export interface Limit {
  readonly timeoutMs: number;
  /** The run's own deadline. */
  readonly signal: AbortSignal;
}

/** What an API server answered, or why there is no answer. */
export type Answer = { readonly status: number; readonly body: string } | Gap;

/** A list of the pods of a large namespace has some megabytes; more is not read. */
const maxBodyBytes = 32 * 1024 * 1024;

/** TLS settings of a connection to the API server. */
export function tlsOptions({ ca, cert, key, servername, rejectUnauthorized, server }: Credentials) {
  return {
    rejectUnauthorized,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // Node refuses an address as SNI.
    ...(servername !== undefined
      ? { servername }
      : isIP(server.hostname) === 0
        ? { servername: server.hostname }
        : { servername: "" }),
  };
}

/** Host and port of an API server, as node:https takes them. */
function addressOf(server: URL): { readonly host: string; readonly port: number } {
  return {
    host: server.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: server.port === "" ? 443 : Number(server.port),
  };
}

/** One GET. Never rejects: what goes wrong is a gap. */
export function get(credentials: Credentials, pathAndQuery: string, accept: string, limit: Limit): Promise<Answer> {
  const { server, token } = credentials;
  const timeout = AbortSignal.timeout(limit.timeoutMs);
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      if (timeout.aborted || limit.signal.aborted) resolve({ gap: "timed-out", afterMs: limit.timeoutMs });
      else resolve({ gap: "unreachable", code: codeOf(error) });
    };
    const sent = httpsRequest(
      {
        ...addressOf(server),
        path: `${server.pathname.replace(/\/$/, "")}${pathAndQuery}`,
        headers: { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        agent: false,
        signal: AbortSignal.any([timeout, limit.signal]),
        ...tlsOptions(credentials),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxBodyBytes) {
            resolve({ gap: "error", code: "too-large", message: `the answer is larger than ${maxBodyBytes} bytes` });
            sent.destroy();
          } else chunks.push(chunk);
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
        response.on("error", failed);
      },
    );
    sent.on("error", failed);
    sent.end();
  });
}

/** Node's code for what went wrong, such as ECONNREFUSED or a certificate fault. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "failed";
}
