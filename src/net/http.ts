import { isIP, type Socket } from "node:net";
import { Client } from "undici";
import type { HttpAsk, Reach } from "../model/ports.ts";
import { cleanLine, errorCode } from "./clean-text.ts";
import { diagnosticHeaders } from "./diagnostic-headers.ts";
import { abortedCode, since, within, type Expiry, type Limit } from "./within.ts";

export type HttpStage = NonNullable<Reach["http"]>;

/** How much of a body is read, in bytes, when nothing else is said. */
export const shownBodyBytes = 2048;

/** The origin of a request, as its Host header shows it; IPv6 addresses in brackets. */
export function originOf(host: string, port: number, secure: boolean): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === (secure ? 443 : 80)
    ? `http${secure ? "s" : ""}://${name}`
    : `http${secure ? "s" : ""}://${name}:${port}`;
}

/**
 * Sends one request over a connection that stands, so that what answers is what was judged. Redirects are not followed,
 * nothing is repeated. The socket is used up.
 */
export async function exchangeHttp(
  socket: Socket,
  origin: string,
  ask: HttpAsk,
  limit: Limit,
  bodyBytes = shownBodyBytes,
): Promise<HttpStage> {
  const started = performance.now();
  const answer = new PartialAnswer(bodyBytes);
  const failed = (outcome: "timeout" | "reset" | "failed", code: string): HttpStage =>
    answer.stage(since(started)) ?? { outcome, headers: {}, body: "", code, durationMs: since(started) };
  const expired = (why: Expiry): HttpStage => failed("timeout", why === "aborted" ? abortedCode : "ETIMEDOUT");
  return within<HttpStage>(limit, expired, (settle) => {
    let client: Client | undefined;
    converse(() => (client = clientOver(socket, origin)), ask, answer).then(
      () => {
        settle(failed("failed", "NO_ANSWER"));
      },
      (error: unknown) => {
        const code = errorCode(error);
        settle(
          failed(resets.includes(code) ? "reset" : code === "UND_ERR_HEADERS_TIMEOUT" ? "timeout" : "failed", code),
        );
      },
    );
    return () => {
      void client?.destroy().catch(() => undefined);
      socket.destroy();
    };
  });
}

/** The connection ended without an answer. */
const resets = ["ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET"];

/** A client that owns exactly this connection. */
function clientOver(socket: Socket, origin: string): Client {
  let used = false;
  return new Client(origin, {
    // The stage's own limit is the only clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 65_536,
    connect: (_, callback) => {
      // Later, as a connection takes time: the client does not notice one that is there at once, and would wait for ever.
      setImmediate(() => {
        if (used || socket.destroyed)
          callback(Object.assign(new Error("the connection has ended"), { code: "ECONNRESET" }), null);
        else callback(null, socket);
        used = true;
      });
    },
  });
}

async function converse(makeClient: () => Client, ask: HttpAsk, answer: PartialAnswer): Promise<void> {
  const { statusCode, headers, trailers, body } = await makeClient().request({
    method: ask.method,
    path: ask.path,
    headers: { "user-agent": "aml-doctor", accept: "*/*", "accept-encoding": "identity", ...ask.headers },
    body: ask.body ?? null,
    reset: true,
  });
  answer.begin(statusCode, headers);
  for await (const chunk of body) {
    if (!answer.add(chunk as Buffer)) break;
  }
  answer.end(trailers);
}

/** An answer as far as it has come: a body that stalls or breaks off does not undo its status. */
class PartialAnswer {
  readonly #limit: number;
  #status: number | undefined;
  #headers: Record<string, string> = {};
  #binary = false;
  #body = Buffer.alloc(0);

  constructor(limit: number) {
    this.#limit = limit;
  }

  begin(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#status = status;
    this.#headers = diagnosticHeaders(headers);
    const type = this.#headers["content-type"] ?? "text/plain";
    const encoded = headers["content-encoding"] !== undefined && headers["content-encoding"] !== "identity";
    this.#binary =
      encoded || !/^(?:text\/|application\/(?:[\w.+-]*(?:json|xml|javascript|x-www-form-urlencoded)))/i.test(type);
  }

  /** Whether more is wanted. */
  add(chunk: Buffer): boolean {
    this.#body = Buffer.concat([this.#body, chunk]).subarray(0, this.#limit);
    return this.#body.length < this.#limit && !this.#binary;
  }

  /** What follows the body: scoring hosts say there how long they held a request back. */
  end(trailers: Readonly<Record<string, string>>): void {
    this.#headers = { ...diagnosticHeaders(trailers), ...this.#headers };
  }

  stage(durationMs: number): HttpStage | undefined {
    if (this.#status === undefined) return undefined;
    const body = this.#binary || this.#body.includes(0) ? "" : cleanLine(this.#body.toString("utf8"), this.#limit);
    return { outcome: "answered", status: this.#status, headers: this.#headers, body, durationMs };
  }
}
