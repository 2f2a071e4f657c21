import { isIP } from "node:net";
import * as z from "zod";
import type { ResolverRule } from "../model/resolver-rules.ts";
import { cleanLine } from "./clean-text.ts";

/** The PowerShell that prints what `parseWindowsResolvers` reads: one start of the shell for three questions, since the
 * start is what takes time. A table that cannot be read is left out. It prints ASCII alone, which is the same in every
 * code page that a console may have; no adapter names, which are in the language of the machine. */
export const windowsResolverScript = [
  "$ErrorActionPreference = 'SilentlyContinue'",
  "$adapters = @(Get-DnsClientServerAddress | Select-Object InterfaceIndex,AddressFamily,ServerAddresses)",
  "$interfaces = @(Get-NetIPInterface -ConnectionState Connected | Select-Object InterfaceIndex,AddressFamily,InterfaceMetric)",
  "$rules = @(Get-DnsClientNrptPolicy -Effective | Select-Object Namespace,NameServers,DirectAccessDnsServers)",
  "$found = @{ adapters = $adapters; interfaces = $interfaces; rules = $rules }",
  "(ConvertTo-Json -InputObject $found -Depth 6 -Compress) -replace '[^ -~]','?'",
].join("; ");

/** What Windows is set to ask. */
export interface WindowsResolvers {
  /** Servers of the connected adapters, the one with the lowest metric first, each once. */
  readonly servers: readonly string[];
  readonly rules: readonly ResolverRule[];
}

/** A list of one comes without its list, and from Windows PowerShell 5.1 sometimes as an object around it. */
function listOf<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  const list = z.array(item);
  return z.union([
    list,
    z.object({ value: list }).transform(({ value }) => value),
    z.null().transform((): T[] => []),
    item.transform((one) => [one]),
  ]);
}

/** Winsock's number of the address family, or the name that stands for it where enumerations are printed as texts. */
const family = z.union([z.number(), z.string()]).transform((value) => {
  const name = String(value).toLowerCase();
  return name === "ipv4" || name === "internetwork"
    ? 2
    : name === "ipv6" || name === "internetworkv6"
      ? 23
      : Number(name);
});
const adapter = z.object({
  InterfaceIndex: z.number().nullish(),
  AddressFamily: family.nullish(),
  ServerAddresses: listOf(z.string()).optional().default([]),
});
const connected = z.object({
  InterfaceIndex: z.number(),
  AddressFamily: family,
  InterfaceMetric: z.number().nullish(),
});
/** `DirectAccessDnsServers` are asked while the machine is outside; inside, the effective table does not have the rule. */
const rule = z.object({
  Namespace: listOf(z.string()),
  NameServers: listOf(z.string()).default([]),
  DirectAccessDnsServers: listOf(z.string()).default([]),
});
const output = z.object({
  adapters: listOf(adapter),
  interfaces: listOf(connected).default([]),
  rules: listOf(rule).default([]),
});

/** What Windows lists for adapters without a server: the long abandoned site-local addresses, or no address at all. */
const placeholder = /^(?:fec0:0:0:ffff::[123](?:%\d+)?|0\.0\.0\.0|::)$/i;

/** Reads the script's output; undefined for text that is not that output. */
export function parseWindowsResolvers(text: string): WindowsResolvers | undefined {
  try {
    // PowerShell may begin with a byte order mark.
    const { adapters, interfaces, rules } = output.parse(JSON.parse(text.replace(/^\ufeff/, "")));
    const metricOf = ({ InterfaceIndex, AddressFamily }: z.infer<typeof adapter>): number | undefined => {
      const found = interfaces.find(
        (one) => one.InterfaceIndex === InterfaceIndex && one.AddressFamily === AddressFamily,
      );
      return found === undefined ? undefined : (found.InterfaceMetric ?? Number.MAX_SAFE_INTEGER);
    };
    const inUse = interfaces.length === 0 ? adapters : adapters.filter((each) => metricOf(each) !== undefined);
    const ordered = [...inUse].sort((a, b) => (metricOf(a) ?? 0) - (metricOf(b) ?? 0));
    return {
      servers: addressesIn(ordered.flatMap(({ ServerAddresses }) => ServerAddresses)),
      rules: rules.flatMap(({ Namespace, NameServers, DirectAccessDnsServers }) =>
        Namespace.filter((namespace) => /^\.$|^\.?[^.\s]\S*$/.test(namespace)).map((namespace) => ({
          namespace: cleanLine(namespace.toLowerCase(), 253),
          servers: addressesIn(NameServers.some((each) => each !== "") ? NameServers : DirectAccessDnsServers),
        })),
      ),
    };
  } catch {
    return undefined;
  }
}

/** Group policy keeps several servers in one text. */
function addressesIn(texts: readonly string[]): string[] {
  const addresses = texts.flatMap((text) => text.split(/[\s,;]+/));
  return [...new Set(addresses.filter((address) => isIP(address) !== 0 && !placeholder.test(address)))];
}
