import { isIP } from "node:net";
import * as z from "zod";
import type { ResolverRule } from "../model/resolver-rules.ts";
import { cleanLine } from "./clean-text.ts";

/** The PowerShell that prints what `parseWindowsResolvers` reads: one start of the shell for three questions, since the
 * start is what takes time. A table that cannot be read is left out. */
export const windowsResolverScript = [
  "$ErrorActionPreference = 'SilentlyContinue'",
  "$adapters = @(Get-DnsClientServerAddress | Select-Object InterfaceAlias,InterfaceIndex,AddressFamily,ServerAddresses)",
  "$interfaces = @(Get-NetIPInterface -ConnectionState Connected | Select-Object InterfaceIndex,AddressFamily,InterfaceMetric)",
  "$rules = @(Get-DnsClientNrptPolicy -Effective | Select-Object Namespace,NameServers)",
  "ConvertTo-Json -InputObject @{ adapters = $adapters; interfaces = $interfaces; rules = $rules } -Depth 4 -Compress",
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

const adapter = z.object({
  InterfaceIndex: z.number().optional(),
  AddressFamily: z.number().optional(),
  ServerAddresses: listOf(z.string()),
});
const connected = z.object({
  InterfaceIndex: z.number(),
  AddressFamily: z.number(),
  InterfaceMetric: z.number().nullish(),
});
const rule = z.object({ Namespace: listOf(z.string()), NameServers: listOf(z.string()).optional() });
const output = z.object({
  adapters: listOf(adapter),
  interfaces: listOf(connected).default([]),
  rules: listOf(rule).default([]),
});

/** What Windows lists for IPv6 adapters without a server: the long abandoned site-local addresses. */
const placeholder = /^fec0:0:0:ffff::[123](?:%\d+)?$/i;

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
      rules: rules.flatMap(({ Namespace, NameServers = [] }) =>
        Namespace.filter((namespace) => /^\.$|^\.?[^.\s]\S*$/.test(namespace)).map((namespace) => ({
          namespace: cleanLine(namespace.toLowerCase(), 253),
          // Group policy keeps several servers in one text.
          servers: addressesIn(NameServers.flatMap((each) => each.split(/[\s,;]+/))),
        })),
      ),
    };
  } catch {
    return undefined;
  }
}

function addressesIn(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((address) => isIP(address) !== 0 && !placeholder.test(address)))];
}
