import { isIP } from "node:net";
import { inPrefix } from "../model/address.ts";
import { dnsName } from "../model/text.ts";
import { cleanLine } from "./clean-text.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy of the environment. */
export interface Proxy {
  /** Without credentials: `http://10.0.0.5:3128`. Text that is no URL is kept, cleaned, since it breaks clients too. */
  readonly url: string;
  /** `user:password`, decoded; never to be reported. */
  readonly credentials?: string;
}

/** In the order in which they count for an HTTPS request; of each, lower case first, as curl and Python do. */
const proxyVariables = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

function variable(environment: Environment, name: string): string | undefined {
  return [environment[name.toLowerCase()], environment[name]]
    .find((value) => value !== undefined && value.trim() !== "")
    ?.trim();
}

/** The proxy that the environment names for HTTPS, whatever the host. */
export function configuredProxy(environment: Environment): Proxy | undefined {
  const text = proxyVariables.map((name) => variable(environment, name)).find((value) => value !== undefined);
  return text === undefined ? undefined : parseProxy(text);
}

function parseProxy(text: string): Proxy {
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    const credentials =
      url.username === "" ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return {
      url: cleanLine(`${url.protocol}//${url.host}`, 300),
      ...(credentials === undefined ? {} : { credentials }),
    };
  } catch {
    return { url: maskCredentials(text) };
  }
}

/** The proxy for `host` (`host` or `host:port`); undefined when the environment lets it go directly. */
export function proxyFor(host: string, environment: Environment): Proxy | undefined {
  const target = splitHost(host);
  if (neverProxied(target.name)) return undefined;
  const exceptions = (variable(environment, "NO_PROXY") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  return exceptions.some((entry) => excepts(entry, target)) ? undefined : configuredProxy(environment);
}

interface HostAndPort {
  readonly name: string;
  readonly port: string | undefined;
}

function splitHost(text: string): HostAndPort {
  const bracket = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  if (bracket !== null) return { name: (bracket[1] ?? "").toLowerCase(), port: bracket[2] };
  const parts = isIP(text) === 0 ? /^([^:]*):(\d+)$/.exec(text) : null;
  return { name: dnsName(parts?.[1] ?? text), port: parts?.[2] };
}

/** The metadata service and the platform's own address mean this machine's host: through a proxy, another one answers. */
function neverProxied(name: string): boolean {
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "::1" ||
    inPrefix(name, "127.0.0.0/8") ||
    name === "169.254.169.254" ||
    name === "168.63.129.16"
  );
}

/** A CIDR range excepts addresses only, never names: a client compares before it resolves. */
function excepts(entry: string, target: HostAndPort): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isIP(target.name) !== 0 && inPrefix(target.name, entry);
  const { name, port } = splitHost(entry);
  if (port !== undefined && port !== (target.port ?? "443")) return false;
  const suffix = name.replace(/^\*?\./, "");
  if (suffix === "") return false;
  if (isIP(target.name) !== 0) return target.name === suffix;
  return target.name === suffix || target.name.endsWith(`.${suffix}`);
}

/** The text of a proxy variable without its user and password. */
export function maskCredentials(text: string): string {
  // Up to the last `@`: passwords may hold one.
  return cleanLine(text, 1000).replace(/^((?:[\w+.-]+:)?\/\/)?.*@/, "$1***@");
}

/** The proxy variables that are set, as they are spelt, credentials masked. */
export function maskedProxyEnvironment(environment: Environment): Record<string, string> {
  const shown: [string, string][] = [];
  for (const name of [...proxyVariables, "NO_PROXY"].flatMap((upper) => [upper, upper.toLowerCase()])) {
    const value = environment[name];
    if (value !== undefined && value !== "") shown.push([name, maskCredentials(value)]);
  }
  return Object.fromEntries(shown);
}
