import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Reach } from "../model/ports.ts";
import { describeCertificate, presentedChain } from "./certificate.ts";
import { errorCode } from "./clean-text.ts";
import { judgeCertificate } from "./judge-certificate.ts";
import type { Trust } from "./trust.ts";
import { abortedCode, since, within, type Expiry, type Limit } from "./within.ts";

export type TlsStage = NonNullable<Reach["tls"]>;

/** What the handshake came to; the socket when it was established, for the caller to destroy. */
export interface Handshake {
  readonly stage: TlsStage;
  readonly socket?: TLSSocket;
}

/**
 * Speaks TLS over a connection, with `host` as SNI. Nothing is refused here: a certificate is judged, since which one is
 * presented is what we came to see.
 */
export async function handshake(socket: Socket, host: string, trust: Trust, limit: Limit): Promise<Handshake> {
  const started = performance.now();
  const failed = (outcome: "timeout" | "reset" | "failed", code: string): Handshake => ({
    stage: { outcome, faults: [], chain: [], code, durationMs: since(started) },
  });
  const expired = (why: Expiry): Handshake => failed("timeout", why === "aborted" ? abortedCode : "ETIMEDOUT");
  if (socket.errored !== null || socket.destroyed)
    return failed("reset", errorCode(socket.errored ?? { code: "ECONNRESET" }));
  return within<Handshake>(limit, expired, (settle) => {
    let secure: TLSSocket | undefined;
    let established = false;
    const fail = (error: unknown): void => {
      const code = errorCode(error);
      settle(failed(["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(code) ? "reset" : "failed", code));
    };
    try {
      const tls = connect({
        socket,
        secureContext: trust.context,
        rejectUnauthorized: false,
        // The name is checked by ourselves, so that a certificate with two faults shows both.
        checkServerIdentity: () => undefined,
        ALPNProtocols: ["http/1.1"],
        ...(isIP(host) === 0 ? { servername: host } : {}),
      });
      secure = tls;
      // Stays: an error after the handshake must not go unheard, which would end the process.
      tls.on("error", fail);
      tls.once("close", () => {
        fail({ code: "ECONNRESET" });
      });
      tls.once("secureConnect", () => {
        established = true;
        settle({ stage: judged(tls, host, trust, started), socket: tls });
      });
    } catch (error) {
      fail(error);
    }
    return () => {
      if (!established) secure?.destroy();
    };
  });
}

function judged(tls: TLSSocket, host: string, trust: Trust, started: number): TlsStage {
  const protocol = tls.getProtocol();
  const base = {
    outcome: "established" as const,
    ...(protocol === null ? {} : { protocol }),
    durationMs: since(started),
  };
  try {
    // Node hands out the code as text; its types promise an Error.
    const verdict: unknown = tls.authorizationError;
    const authorizationError =
      verdict === null || verdict === undefined
        ? undefined
        : typeof verdict === "string"
          ? verdict
          : errorCode(verdict);
    const chain = presentedChain(tls.getPeerX509Certificate());
    const faults = judgeCertificate({ host, chain, authorizationError }, trust, Date.now());
    const code = authorizationError ?? (faults.includes("name-mismatch") ? "ERR_TLS_CERT_ALTNAME_INVALID" : undefined);
    return { ...base, faults, chain: chain.map(describeCertificate), ...(code === undefined ? {} : { code }) };
  } catch (error) {
    // A certificate that cannot even be read is not one to trust.
    return { ...base, faults: ["untrusted-issuer"], chain: [], code: errorCode(error) };
  }
}
