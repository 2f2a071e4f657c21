import { isIP } from "node:net";
import { createSecureContext, getCACertificates } from "node:tls";
import {
  createDefaultHttpClient,
  proxyPolicy,
  type HttpClient,
  type PipelinePolicy,
  type ProxySettings,
} from "@azure/core-rest-pipeline";

/** How requests leave this machine. */
export interface TransportOptions {
  /** PEM of authorities that are trusted beside the default ones. */
  readonly ca?: string | undefined;
  /** The proxy (`http://10.0.0.5:3128`, credentials allowed) for a host; undefined to go directly. */
  readonly proxyFor?: ((host: string) => string | undefined) | undefined;
  /** Ends every request when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Far above any answer of ARM; a body that has no end must not fill the memory. */
const longestBodyBytes = 64 * 1024 * 1024;

/** The one way out for tokens and ARM alike. The SDK's own proxy policy reads the environment and would send requests
 * for the instance metadata service to the proxy, which cannot answer them and should not see them: whatever policies
 * decided before, the route is chosen here. */
export function createTransport(options: TransportOptions): HttpClient {
  const direct = createDefaultHttpClient();
  const proxies = new Map<string, PipelinePolicy>();
  const ca = options.ca;
  const secureContext =
    ca === undefined ? undefined : createSecureContext({ ca: [...getCACertificates("default"), ca] });
  return {
    sendRequest: async (request) => {
      const url = new URL(request.url);
      delete request.agent;
      delete request.proxySettings;
      // The proxy agent takes TLS settings from the request alone, so that they are given there for both ways.
      delete request.tlsSettings;
      if (secureContext !== undefined && url.protocol === "https:")
        request.requestOverrides = { ...request.requestOverrides, secureContext };
      if (options.signal !== undefined)
        request.abortSignal =
          request.abortSignal === undefined
            ? options.signal
            : AbortSignal.any([options.signal, request.abortSignal as AbortSignal]);
      request.onDownloadProgress = ({ loadedBytes }) => {
        if (loadedBytes > longestBodyBytes) throw new Error("the body is too long");
      };
      const proxy = staysHere(url.hostname) ? undefined : options.proxyFor?.(url.hostname);
      if (proxy === undefined) return direct.sendRequest(request);
      let policy = proxies.get(proxy);
      if (policy === undefined)
        proxies.set(proxy, (policy = proxyPolicy(proxySettings(proxy), { customNoProxyList: [] })));
      return policy.sendRequest(request, (routed) => direct.sendRequest(routed));
    },
  };
}

/** Link-local and loopback addresses mean this machine: the metadata service, an identity sidecar. */
function staysHere(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost") return true;
  if (isIP(host) === 4) return host.startsWith("127.") || host.startsWith("169.254.");
  return isIP(host) === 6 && (host === "::1" || /^fe[89ab]/.test(host));
}

function proxySettings(proxy: string): ProxySettings {
  const url = new URL(proxy);
  return {
    host: `${url.protocol}//${url.hostname}`,
    port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
    ...(url.username === "" ? {} : { username: url.username, password: url.password }),
  };
}
