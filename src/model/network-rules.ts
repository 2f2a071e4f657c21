import ipaddr from "ipaddr.js";
import { isPrivateAddress } from "./address.ts";
import { sameText } from "./text.ts";

/** How much of something a rule covers. `some` is also said where it cannot be told: which addresses a service tag
 * stands for is known to Azure alone. */
export type Coverage = "all" | "some" | "none";

/** One end of a flow: addresses (CIDR or one address), or the addresses that a service tag stands for. */
export type Place = { readonly prefix: string; readonly inNetwork: boolean } | { readonly tag: string };

/** Traffic as a rule sees it. */
export interface Flow {
  readonly direction: "Inbound" | "Outbound";
  readonly protocol: "Tcp" | "Udp";
  readonly source: Place;
  readonly destination: Place;
  readonly port: number;
}

/** One rule of a network security group, its single and its list members put together. */
export interface SecurityRule {
  readonly name: string;
  /** Smaller numbers are asked first. */
  readonly priority: number;
  readonly direction: string;
  readonly access: string;
  readonly protocol: string;
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
  /** The rule names application security groups, whose members are not seen here. */
  readonly usesGroups: boolean;
}

/** What a group does with a flow, and the rule that decides. `unknown`: a rule that may or may not cover the flow stands
 * before the deciding one and says otherwise. */
export interface RuleVerdict {
  readonly access: "Allow" | "Deny" | "unknown";
  readonly rule?: SecurityRule;
}

type Parsed = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

function parsePrefix(text: string): Parsed | undefined {
  try {
    if (text.includes("/")) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === "ipv4" ? 32 : 128];
  } catch {
    return undefined;
  }
}

function contains([network, bits]: Parsed, [address, length]: Parsed): boolean {
  return network.kind() === address.kind() && bits <= length && address.match(network, bits);
}

/** How much of `inner` lies in `outer`, both CIDR or one address; `none` for text that is neither. */
export function prefixCoverage(outer: string, inner: string): Coverage {
  const [a, b] = [parsePrefix(outer), parsePrefix(inner)];
  if (a === undefined || b === undefined) return "none";
  return contains(a, b) ? "all" : contains(b, a) ? "some" : "none";
}

const ownTags = ["virtualnetwork", "azureloadbalancer"];

/** Tags are `Service`, `Service.region` or `Service.Feature`; the shorter stands for more. */
function tagCoverage(outer: string, inner: string): Coverage {
  const [a, b] = [outer.toLowerCase(), inner.toLowerCase()];
  if (a === b) return "all";
  if (ownTags.includes(a) || ownTags.includes(b)) return "none";
  // Every Azure service's public addresses are internet addresses and addresses of Azure's data centres.
  if (a === "internet" || a === "azurecloud" || b.startsWith(`${a}.`)) return "all";
  if (a.startsWith("azurecloud.")) return b.endsWith(a.slice("azurecloud".length)) ? "all" : "some";
  return a.startsWith(`${b}.`) ? "some" : "none";
}

/** How much of a place a rule's prefix or tag covers. */
export function placeCoverage(text: string, place: Place): Coverage {
  if (text === "*" || sameText(text, "Any") || text === "0.0.0.0/0" || text === "::/0") return "all";
  const prefix = parsePrefix(text);
  if ("tag" in place) {
    if (prefix === undefined) return tagCoverage(text, place.tag);
    // A service's public addresses may lie in any public prefix, and never in a private one.
    return isPrivateAddress(prefix[0].toString()) && !ownTags.includes(place.tag.toLowerCase()) ? "none" : "some";
  }
  if (prefix !== undefined) return prefixCoverage(text, place.prefix);
  const isPrivate = isPrivateAddress(place.prefix.split("/")[0] ?? "");
  if (sameText(text, "VirtualNetwork")) return place.inNetwork ? "all" : isPrivate ? "some" : "none";
  if (sameText(text, "AzureLoadBalancer")) return "none";
  if (sameText(text, "Internet")) return place.inNetwork ? "none" : isPrivate ? "some" : "all";
  return place.inNetwork || isPrivate ? "none" : "some";
}

/** Whether a port lies in one of `80`, `80-90`, `*`. */
export function inPorts(port: number, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    if (range === "*") return true;
    const [from, to] = range.split("-").map(Number);
    return from !== undefined && port >= from && port <= (to ?? from);
  });
}

const order: readonly Coverage[] = ["none", "some", "all"];

/** The weakest of several coverages: all of them must hold. */
export function weakest(coverages: readonly Coverage[]): Coverage {
  return order[Math.min(...coverages.map((coverage) => order.indexOf(coverage)))] ?? "all";
}

/** The strongest of several coverages: one of them is enough. */
export function strongest(coverages: readonly Coverage[]): Coverage {
  return order[Math.max(0, ...coverages.map((coverage) => order.indexOf(coverage)))] ?? "none";
}

function ruleCoverage(rule: SecurityRule, flow: Flow): Coverage {
  if (rule.protocol !== "*" && !sameText(rule.protocol, "Any") && !sameText(rule.protocol, flow.protocol))
    return "none";
  if (!inPorts(flow.port, rule.destinationPorts)) return "none";
  const ends = weakest([
    strongest(rule.sources.map((text) => placeCoverage(text, flow.source))),
    strongest(rule.destinations.map((text) => placeCoverage(text, flow.destination))),
  ]);
  // Clients choose their own port, so a rule for some source ports covers some of the traffic.
  const anySource =
    rule.sourcePorts.length === 0 || rule.sourcePorts.some((range) => range === "*" || range === "0-65535");
  if (rule.usesGroups) return "some";
  return anySource ? ends : weakest([ends, "some"]);
}

/**
 * What a group's rules do with a flow: by priority, the first rule that covers it decides; Azure refuses what no rule
 * covers. Source: "Network security groups", how rules are processed.
 */
export function judgeFlow(rules: readonly SecurityRule[], flow: Flow): RuleVerdict {
  const doubtful: SecurityRule[] = [];
  const asked = rules
    .filter((rule) => sameText(rule.direction, flow.direction))
    .sort((a, b) => a.priority - b.priority);
  for (const rule of asked) {
    const coverage = ruleCoverage(rule, flow);
    if (coverage === "none") continue;
    if (coverage === "some") {
      doubtful.push(rule);
      continue;
    }
    const other = doubtful.find(({ access }) => !sameText(access, rule.access));
    if (other !== undefined) return { access: "unknown", rule: other };
    return { access: sameText(rule.access, "Allow") ? "Allow" : "Deny", rule };
  }
  const allowing = doubtful.find(({ access }) => sameText(access, "Allow"));
  return allowing === undefined ? { access: "Deny" } : { access: "unknown", rule: allowing };
}
