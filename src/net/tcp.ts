import { connect, isIP, type Socket } from "node:net";
import type { Reach } from "../model/ports.ts";
import { errorCode } from "./clean-text.ts";
import type { Route } from "./route.ts";
import { abortedCode, silence, since, within, type Expiry, type Limit } from "./within.ts";

/** An open connection, or why there is none. The caller destroys the socket. */
export type Dialled =
  | { readonly outcome: "open"; readonly socket: Socket; readonly durationMs: number }
  | { readonly outcome: Exclude<Reach["tcp"]["outcome"], "open">; readonly code: string; readonly durationMs: number };

type Failure = Exclude<Dialled, { outcome: "open" }>["outcome"];

const outcomes: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  ECONNRESET: "reset",
  EPIPE: "reset",
};

/** Opens one connection to one address. Names are refused: a second address must not hide a dead first one. */
export async function dialTcp(target: { address: string; port: number }, route: Route, limit: Limit): Promise<Dialled> {
  const started = performance.now();
  const failed = (outcome: Failure, code: string): Dialled => ({ outcome, code, durationMs: since(started) });
  const expired = (why: Expiry): Dialled => failed("timeout", why === "aborted" ? abortedCode : "ETIMEDOUT");
  const { address, port } = target;
  if (isIP(address) === 0 || !Number.isInteger(port) || port < 1 || port > 65535)
    return failed("unreachable", "NOT_AN_ADDRESS");
  const place = route(address, port, "tcp");
  if (place === "blackhole") return expired(await silence(limit));
  return within<Dialled>(limit, expired, (settle) => {
    let open = false;
    const socket = connect({ host: place.host, port: place.port, autoSelectFamily: false });
    // Stays for as long as the socket does: an error between two stages must not go unheard, which would end the process.
    socket.on("error", (error) => {
      const code = errorCode(error);
      settle(failed(outcomes[code] ?? "unreachable", code));
    });
    socket.once("connect", () => {
      open = true;
      settle({ outcome: "open", socket, durationMs: since(started) });
    });
    return () => {
      if (!open) socket.destroy();
    };
  });
}

/**
 * Whether the other side resets a connection as soon as it stands, as firewalls do. Only for connections on which
 * nothing is to be said: otherwise the next stage meets the reset.
 */
export function resetsAtOnce(socket: Socket, limit: Limit): Promise<boolean> {
  return within<boolean>(
    { timeoutMs: Math.min(limit.timeoutMs, 100), signal: limit.signal },
    () => false,
    (settle) => {
      const onError = (error: Error): void => {
        settle(errorCode(error) === "ECONNRESET");
      };
      socket.once("error", onError);
      if (socket.errored !== null) onError(socket.errored);
      // Without reading, a reset is not noticed.
      socket.resume();
      return () => {
        socket.off("error", onError);
      };
    },
  );
}
