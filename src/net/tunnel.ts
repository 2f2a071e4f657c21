import { isIP, type Socket } from "node:net";
import { errorCode } from "./clean-text.ts";
import type { Proxy } from "./proxy-environment.ts";
import { abortedCode, within, type Expiry, type Limit } from "./within.ts";

/** What a proxy said to CONNECT. */
export type Tunnel =
  | { readonly outcome: "tunnel" }
  | { readonly outcome: "refused"; readonly status: number }
  | { readonly outcome: "timeout" | "failed"; readonly code: string };

const longestHead = 16_384;

/** What a request line can carry; anything else could smuggle a second request in. */
const soundHost = /^[A-Za-z0-9._-]{1,253}$/;

/** Asks the proxy at the other end of `socket` for a tunnel. Afterwards the socket speaks to the target. */
export function openTunnel(
  socket: Socket,
  target: { host: string; port: number },
  proxy: Proxy,
  limit: Limit,
): Promise<Tunnel> {
  const name = isIP(target.host) === 6 ? `[${target.host}]` : target.host;
  if (isIP(target.host) === 0 && !soundHost.test(target.host))
    return Promise.resolve({ outcome: "failed", code: "NOT_A_HOST" });
  const authority = `${name}:${target.port}`;
  const authorization =
    proxy.credentials === undefined
      ? ""
      : `Proxy-Authorization: Basic ${Buffer.from(proxy.credentials).toString("base64")}\r\n`;
  const expired = (why: Expiry): Tunnel => ({
    outcome: "timeout",
    code: why === "aborted" ? abortedCode : "ETIMEDOUT",
  });
  return within<Tunnel>(limit, expired, (settle) => {
    let heard = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf("\r\n\r\n");
      if (end < 0 && heard.length <= longestHead) return;
      const status =
        end < 0 ? undefined : /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(heard.subarray(0, end).toString("latin1"))?.[1];
      if (status === undefined) settle({ outcome: "failed", code: "NOT_A_PROXY" });
      else if (!status.startsWith("2")) settle({ outcome: "refused", status: Number(status) });
      else {
        const rest = heard.subarray(end + 4);
        socket.pause();
        socket.off("data", onData);
        if (rest.length > 0) socket.unshift(rest);
        settle({ outcome: "tunnel" });
      }
    };
    const onError = (error: unknown): void => {
      settle({ outcome: "failed", code: errorCode(error) });
    };
    const onClose = (): void => {
      onError({ code: "ECONNRESET" });
    };
    if (socket.errored !== null || socket.destroyed) onError(socket.errored ?? { code: "ECONNRESET" });
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("end", onClose);
    socket.on("close", onClose);
    socket.write(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}User-Agent: aml-doctor\r\n\r\n`,
    );
    return () => {
      socket.off("data", onData);
      socket.off("error", onError);
      socket.off("end", onClose);
      socket.off("close", onClose);
    };
  });
}
