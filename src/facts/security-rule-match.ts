import { inPrefix, isPrivateAddress } from "../model/address.ts";
import { sameText } from "../model/text.ts";
import type { SecurityGroup, SecurityRule } from "./kubernetes-networks.ts";

/** One connection as a network security group sees it. */
export interface Flow {
  readonly direction: "Inbound" | "Outbound";
  readonly source: string;
  readonly destination: string;
  readonly port: number;
}

/**
 * The rule that decides about a TCP connection: the first in the order of priority that fits. Service tags other than the
 * three of every group are taken not to fit, and `certain` says whether one of them stood before the rule.
 */
export function decidingRule(
  { properties }: SecurityGroup,
  flow: Flow,
): { rule: SecurityRule; certain: boolean } | undefined {
  const rules = [...(properties.securityRules ?? []), ...(properties.defaultSecurityRules ?? [])]
    .filter(
      (each) =>
        sameText(each.properties.direction, flow.direction) && /^(\*|tcp)$/i.test(each.properties.protocol ?? "*"),
    )
    .sort((a, b) => a.properties.priority - b.properties.priority);
  let certain = true;
  for (const rule of rules) {
    const {
      sourceAddressPrefix,
      sourceAddressPrefixes,
      destinationAddressPrefix,
      destinationAddressPrefixes,
      destinationPortRange,
      destinationPortRanges,
    } = rule.properties;
    if (!fitsPort([destinationPortRange, ...(destinationPortRanges ?? [])], flow.port)) continue;
    const ends = [
      fitsAddress([sourceAddressPrefix, ...(sourceAddressPrefixes ?? [])], flow.source),
      fitsAddress([destinationAddressPrefix, ...(destinationAddressPrefixes ?? [])], flow.destination),
    ];
    if (ends.includes("no")) continue;
    if (ends.includes("perhaps")) {
      certain = false;
      continue;
    }
    return { rule, certain };
  }
  return undefined;
}

function fitsPort(ranges: readonly (string | null | undefined)[], port: number): boolean {
  return ranges.some((range) => {
    if (!range) return false;
    if (range === "*") return true;
    const [from, to = from] = range.split("-").map(Number);
    return from !== undefined && to !== undefined && port >= from && port <= to;
  });
}

function fitsAddress(prefixes: readonly (string | null | undefined)[], address: string): "yes" | "no" | "perhaps" {
  const answers = prefixes.flatMap((prefix): ("yes" | "no" | "perhaps")[] => {
    if (!prefix) return [];
    if (prefix === "*" || prefix === "0.0.0.0/0") return ["yes"];
    // The tag also covers peered networks and those on premises, which are private addresses.
    if (sameText(prefix, "VirtualNetwork")) return [isPrivateAddress(address) ? "yes" : "no"];
    if (sameText(prefix, "Internet")) return [isPrivateAddress(address) ? "no" : "yes"];
    if (sameText(prefix, "AzureLoadBalancer")) return ["no"];
    return [/^[0-9a-f.:]+(\/\d+)?$/i.test(prefix) ? (inPrefix(address, prefix) ? "yes" : "no") : "perhaps"];
  });
  return answers.includes("yes") ? "yes" : answers.includes("perhaps") ? "perhaps" : "no";
}
