import ipaddr from "ipaddr.js";

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

function parse(address: string): Parsed | undefined {
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
}

/** Whether an address can only be a private one: RFC 1918, shared address space, unique local IPv6. */
export function isPrivateAddress(address: string): boolean {
  const range = parse(address)?.range();
  return range === "private" || range === "uniqueLocal" || range === "carrierGradeNat";
}

/** Whether an address can be routed on the internet. */
export function isPublicAddress(address: string): boolean {
  return parse(address)?.range() === "unicast";
}

/** Whether `address` lies in `prefix` (CIDR or one address); false for text that is neither. */
export function inPrefix(address: string, prefix: string): boolean {
  const parsed = parse(address);
  if (parsed === undefined) return false;
  try {
    const [network, bits] = prefix.includes("/") ? ipaddr.parseCIDR(prefix) : [ipaddr.parse(prefix), undefined];
    if (network.kind() !== parsed.kind()) return false;
    return parsed.match(network, bits ?? (network.kind() === "ipv4" ? 32 : 128));
  } catch {
    return false;
  }
}

/** Whether an address lies in one of the prefixes. */
export function inAnyPrefix(address: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => inPrefix(address, prefix));
}

/** The address of `address`, `address:port` or `[v6]:port`. */
export function serverAddress(server: string): string {
  const bracket = /^\[(.+)\](?::\d+)?$/.exec(server);
  if (bracket?.[1] !== undefined) return bracket[1];
  const port = /^([^:]+):\d+$/.exec(server);
  return port?.[1] ?? server;
}
