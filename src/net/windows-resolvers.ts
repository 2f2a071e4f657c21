import { isIP } from "node:net";
import * as z from "zod";

/** The PowerShell that prints what `parseWindowsResolvers` reads. */
export const windowsResolverScript = "Get-DnsClientServerAddress | Select-Object InterfaceAlias,InterfaceIndex,AddressFamily,ServerAddresses | ConvertTo-Json -Depth 3 -Compress";

/** A list comes as such, or from Windows PowerShell 5.1 sometimes as an object around it. */
const addresses = z.union([z.array(z.string()), z.object({ value: z.array(z.string()) }).transform((wrapped) => wrapped.value), z.string().transform((one) => [one]), z.null().transform(() => [])]);
const adapter = z.object({ ServerAddresses: addresses });
const output = z.union([z.array(adapter), adapter.transform((one) => [one])]);

/** What Windows lists for IPv6 adapters without a server: the long abandoned site-local addresses. */
const placeholder = /^fec0:0:0:ffff::[123](?:%\d+)?$/i;

/** The servers of all adapters, in the order of the adapters, each once; undefined for text that is not that output. */
export function parseWindowsResolvers(text: string): string[] | undefined {
  try {
    // PowerShell may begin with a byte order mark; no adapter at all prints nothing.
    const json = text.replace(/^\ufeff/, "").trim();
    const adapters = json === "" ? [] : output.parse(JSON.parse(json));
    const servers = adapters.flatMap((each) => each.ServerAddresses).filter((address) => isIP(address) !== 0 && !placeholder.test(address));
    return [...new Set(servers)];
  } catch {
    return undefined;
  }
}
