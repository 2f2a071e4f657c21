import { isIP } from "node:net";
import { dnsName } from "../model/text.ts";

/** What a resolver configuration names. */
export interface ResolverLines {
  /** All of them, in order; glibc asks the first three only. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
}

/**
 * Reads `resolv.conf` as glibc does (resolv.conf(5)): keywords begin the line, the last `search` or `domain` wins, and
 * a `nameserver` that is no plain address is passed over (`10.0.0.4:5353` is one).
 */
export function parseResolvConf(text: string): ResolverLines {
  const servers = new Set<string>();
  let search: readonly string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const parts = /^(nameserver|search|domain)[ \t]+([^#;]*)/.exec(line);
    const words = (parts?.[2] ?? "").split(/\s+/).filter((word) => word !== "");
    const first = words[0];
    if (parts === null || first === undefined) continue;
    if (parts[1] === "nameserver") {
      if (isIP(first) !== 0) servers.add(first);
    } else {
      search = (parts[1] === "domain" ? [first] : words).map(dnsName).filter((name) => name !== "");
    }
  }
  return { servers: [...servers], search };
}

/** Whether all that is configured is systemd-resolved's stub, which answers from the hosts file and its own cache. */
export function isStub(servers: readonly string[]): boolean {
  return servers.length > 0 && servers.every((server) => server === "127.0.0.53" || server === "127.0.0.54");
}
