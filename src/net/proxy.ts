import { isIP, type Socket } from "node:net";
import type { HttpAsk, ProxyReach } from "../model/ports.ts";
import { cleanLine } from "./clean-text.ts";
import { converse, untrustedCode, type Means } from "./conversation.ts";
import { configuredProxy, type Environment, type Proxy } from "./proxy-environment.ts";
import type { Route } from "./route.ts";
import { dialTcp, type Dialled } from "./tcp.ts";
import { handshake } from "./tls.ts";
import { openTunnel } from "./tunnel.ts";
import { abortedCode, within, type Limit } from "./within.ts";

/** What going through a proxy needs. */
export interface ProxyMeans extends Means {
  readonly route: Route;
  readonly dial: Limit;
  readonly environment: Environment;
  /** The system's resolver, for proxies that are given by name. */
  lookup(name: string): Promise<readonly string[]>;
  count(): void;
}

/** Reaches a host through a proxy, which resolves the name. Credentials come from the environment, never from `target`. */
export async function reachThroughProxy(
  target: { proxy: string; host: string; port: number; http?: HttpAsk },
  means: ProxyMeans,
): Promise<ProxyReach> {
  const { host, port, http } = target;
  const base = { proxy: cleanLine(target.proxy, 300), host, port };
  const place = proxyPlace(target.proxy);
  if (place === undefined) return { ...base, outcome: "failed", code: "UNSUPPORTED_PROXY" };
  const configured = configuredProxy(means.environment);
  const proxy: Proxy = configured?.url === target.proxy ? configured : { url: target.proxy };
  const address = isIP(place.host) === 0 ? await firstAddress(place.host, means) : { address: place.host };
  if (!("address" in address))
    return {
      ...base,
      outcome: address.code === "timeout" || address.code === abortedCode ? "timeout" : "failed",
      code: address.code,
    };
  means.count();
  const dialled: Dialled = await dialTcp({ address: address.address, port: place.port }, means.route, means.dial);
  if (dialled.outcome !== "open")
    return { ...base, outcome: dialled.outcome === "timeout" ? "timeout" : "failed", code: dialled.code };
  try {
    const link = place.secure ? await secureLink(dialled.socket, place.host, proxy, means) : dialled.socket;
    if ("code" in link)
      return {
        ...base,
        outcome: link.code === "ETIMEDOUT" || link.code === abortedCode ? "timeout" : "failed",
        code: link.code,
      };
    const tunnel = await openTunnel(link, { host, port }, proxy, means.http);
    if (tunnel.outcome !== "tunnel") return { ...base, ...tunnel };
    return {
      ...base,
      outcome: "tunnel",
      reach: await converse(link, { host, port, ...(http === undefined ? {} : { http }) }, means),
    };
  } finally {
    dialled.socket.destroy();
  }
}

function proxyPlace(text: string): { host: string; port: number; secure: boolean } | undefined {
  try {
    const url = new URL(text);
    const secure = url.protocol === "https:";
    if (!secure && url.protocol !== "http:") return undefined;
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
      secure,
    };
  } catch {
    return undefined;
  }
}

/** TLS to the proxy itself. With a faulty certificate nobody gets the proxy's password. */
async function secureLink(
  socket: Socket,
  host: string,
  proxy: Proxy,
  means: ProxyMeans,
): Promise<Socket | { code: string }> {
  const { stage, socket: secure } = await handshake(socket, host, means.trust, means.tls);
  if (secure === undefined) return { code: stage.code ?? "TLS_FAILED" };
  if (stage.faults.length > 0 && proxy.credentials !== undefined) {
    secure.destroy();
    return { code: untrustedCode };
  }
  return secure;
}

function firstAddress(name: string, means: ProxyMeans): Promise<{ address: string } | { code: string }> {
  return within<{ address: string } | { code: string }>(
    means.dial,
    (why) => ({ code: why === "aborted" ? abortedCode : "timeout" }),
    (settle) => {
      Promise.resolve()
        .then(() => means.lookup(name))
        .then(
          (addresses) => {
            const address = addresses.find((candidate) => isIP(candidate) !== 0);
            settle(address === undefined ? { code: "ENOTFOUND" } : { address });
          },
          () => {
            settle({ code: "ENOTFOUND" });
          },
        );
      return () => undefined;
    },
  );
}
