import { isIP } from "node:net";
import { dnsName } from "../model/text.ts";

/** Reads a hosts file (hosts(5)): names in lower case to addresses, in order. Lines that name no address are passed over. */
export function parseHostsFile(text: string): Record<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const [address, ...aliases] = (line.split("#")[0] ?? "").split(/\s+/).filter((word) => word !== "");
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of aliases.map(dnsName)) {
      // Names are hostile too: only what can be printed.
      if (name.length > 253 || !/^[\x21-\x7e]+$/.test(name)) continue;
      const known = names.get(name) ?? [];
      if (!known.includes(address)) names.set(name, [...known, address]);
    }
  }
  return Object.fromEntries(names);
}
