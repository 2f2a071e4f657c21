import { dnsName } from "./text.ts";

/** A rule of this machine by which some names are asked elsewhere: Windows' name resolution policy table. */
export interface ResolverRule {
  /** `.corp.example` for a name and all below it, `host.corp.example` for one name, `host` for names that begin with that
   * label, `.` for every name. */
  readonly namespace: string;
  /** Empty: an exception, for which the adapters' own servers are asked. */
  readonly servers: readonly string[];
}

/**
 * The rule that decides for a name: the one for the very name, then for its first label, then the longest suffix, then the
 * one for every name; undefined when there is none.
 * https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/ee649207(v=ws.10)
 */
export function ruleFor<R extends ResolverRule>(rules: readonly R[], name: string): R | undefined {
  const asked = dnsName(name);
  const weigh = (namespace: string): number => {
    const rule = namespace.toLowerCase();
    if (rule === ".") return 1;
    if (rule.startsWith(".")) return asked === rule.slice(1) || asked.endsWith(rule) ? 1 + rule.length : 0;
    if (rule.includes(".")) return asked === dnsName(rule) ? 2000 : 0;
    return asked.split(".")[0] === rule ? 1000 : 0;
  };
  let best: R | undefined;
  let weight = 0;
  for (const rule of rules) {
    const own = weigh(rule.namespace);
    // The first of two that are alike stays, as they stand in the table.
    if (own > weight) [best, weight] = [rule, own];
  }
  return best;
}
