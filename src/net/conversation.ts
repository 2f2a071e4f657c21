import type { Socket } from "node:net";
import type { HttpAsk, Reach } from "../model/ports.ts";
import { exchangeHttp, originOf } from "./http.ts";
import { handshake } from "./tls.ts";
import type { Trust } from "./trust.ts";
import type { Limit } from "./within.ts";

/** What is said over an open connection. */
export interface Conversation {
  readonly host: string;
  readonly port: number;
  readonly plain?: boolean;
  readonly http?: HttpAsk;
}

/** What the stages need. */
export interface Means {
  readonly trust: Trust;
  readonly tls: Limit;
  readonly http: Limit;
}

/** Code of a request that was not sent, since whoever presented a faulty certificate would have read its secrets. */
export const untrustedCode = "UNTRUSTED_CERTIFICATE";

/** TLS unless `plain`, then HTTP when it is asked for. A stage is absent when an earlier one failed. */
export async function converse(socket: Socket, what: Conversation, means: Means): Promise<Pick<Reach, "tls" | "http">> {
  if (what.plain === true) {
    if (what.http === undefined) return {};
    return { http: await exchangeHttp(socket, originOf(what.host, what.port, false), what.http, means.http) };
  }
  const { stage, socket: secure } = await handshake(socket, what.host, means.trust, means.tls);
  try {
    if (secure === undefined || what.http === undefined) return { tls: stage };
    if (stage.faults.length > 0 && holdsSecrets(what.http)) {
      return { tls: stage, http: { outcome: "failed", headers: {}, body: "", code: untrustedCode, durationMs: 0 } };
    }
    return {
      tls: stage,
      http: await exchangeHttp(secure, originOf(what.host, what.port, true), what.http, means.http),
    };
  } finally {
    secure?.destroy();
  }
}

/** Headers that give nothing away; any other might be a key under a name that we do not know. */
const innocent =
  /^(?:accept(?:-[a-z]+)?|user-agent|content-type|metadata|date|x-ms-version|x-ms-date|x-ms-client-request-id)$/i;

function holdsSecrets(ask: HttpAsk): boolean {
  return (
    ask.body !== undefined ||
    ask.method !== "GET" ||
    Object.keys(ask.headers ?? {}).some((name) => !innocent.test(name))
  );
}
