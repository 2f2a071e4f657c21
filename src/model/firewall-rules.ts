import { inPorts, placeCoverage, strongest, weakest, type Coverage } from "./network-rules.ts";
import { dnsName, sameText } from "./text.ts";

/** One rule of an Azure Firewall, network or application, in the order in which the firewall asks. */
export interface FirewallRule {
  readonly kind: "network" | "application";
  readonly name: string;
  readonly access: string;
  readonly sources: readonly string[];
  /** Addresses and service tags; empty in application rules. */
  readonly destinations: readonly string[];
  /** Names: `destinationFqdns` of network rules, `targetFqdns` of application rules. */
  readonly hosts: readonly string[];
  readonly protocols: readonly string[];
  readonly ports: readonly string[];
  /** The rule names IP groups, FQDN tags, URLs or categories, whose contents are not seen here. */
  readonly usesGroups: boolean;
}

/** What leaves through a firewall: to a service, which may be let through by its tag or by its names. */
export interface FirewallFlow {
  readonly source: string;
  readonly tag: string;
  /** Names of the service; `*.` stands for any name there. Empty when it has none that are known. */
  readonly hosts: readonly string[];
  readonly protocol: "Tcp" | "Udp";
  readonly port: number;
}

/** What a firewall does with a flow. */
export interface FirewallVerdict {
  readonly access: "Allow" | "Deny" | "unknown";
  /** Names of the flow that no rule lets through. */
  readonly missingHosts: readonly string[];
  /** An application rule names the hosts, and the port is none that application rules see. */
  readonly wrongKind?: FirewallRule;
}

/** Whether a rule's name, which may begin with `*.` or be `*`, holds a name or pattern. */
export function hostCovers(pattern: string, host: string): boolean {
  const [a, b] = [dnsName(pattern), dnsName(host)];
  return a === "*" || a === b || (a.startsWith("*.") && b.endsWith(a.slice(1)));
}

function sourceCoverage(rule: FirewallRule, source: string): Coverage {
  return rule.sources.length === 0
    ? rule.usesGroups
      ? "some"
      : "all"
    : strongest(rule.sources.map((text) => placeCoverage(text, { prefix: source, inNetwork: true })));
}

function networkCoverage(rule: FirewallRule, flow: FirewallFlow): Coverage {
  if (!rule.protocols.some((protocol) => sameText(protocol, "Any") || sameText(protocol, flow.protocol))) return "none";
  if (!inPorts(flow.port, rule.ports)) return "none";
  const names = flow.hosts.filter((host) => rule.hosts.some((pattern) => hostCovers(pattern, host)));
  const byName = names.length === 0 ? "none" : names.length === flow.hosts.length ? "all" : "some";
  const coverage = strongest([...rule.destinations.map((text) => placeCoverage(text, { tag: flow.tag })), byName]);
  return weakest([sourceCoverage(rule, flow.source), rule.usesGroups ? strongest(["some", coverage]) : coverage]);
}

/** Whether an application rule looks at this port: http, https and mssql with their own ports. */
function seesPort(rule: FirewallRule, port: number): boolean {
  return inPorts(port, rule.ports);
}

/**
 * What a firewall does with a flow: network rules first, then application rules, and nothing passes that no rule allows.
 * Source: "Azure Firewall rule processing logic".
 */
export function judgeFirewall(rules: readonly FirewallRule[], flow: FirewallFlow): FirewallVerdict {
  let doubtful = false;
  for (const rule of rules.filter(({ kind }) => kind === "network")) {
    const coverage = networkCoverage(rule, flow);
    if (coverage === "all")
      return { access: doubtful ? "unknown" : sameText(rule.access, "Allow") ? "Allow" : "Deny", missingHosts: [] };
    doubtful ||= coverage === "some";
  }
  const application = rules.filter(({ kind }) => kind === "application");
  const decides = (host: string): FirewallRule | undefined =>
    application.find(
      (rule) =>
        seesPort(rule, flow.port) &&
        sourceCoverage(rule, flow.source) !== "none" &&
        rule.hosts.some((pattern) => hostCovers(pattern, host)),
    );
  const missingHosts =
    flow.protocol === "Tcp" ? flow.hosts.filter((host) => !sameText(decides(host)?.access, "Allow")) : [...flow.hosts];
  if (flow.hosts.length > 0 && missingHosts.length === 0) return { access: "Allow", missingHosts };
  // Not every cloud's names are known: of a flow without any, a rule by name may be the one that lets it through.
  const isNameless = flow.protocol === "Tcp" && flow.hosts.length === 0;
  doubtful ||= application.some(
    (rule) => (rule.usesGroups || isNameless) && sameText(rule.access, "Allow") && seesPort(rule, flow.port),
  );
  const wrongKind = application.find(
    (rule) =>
      sameText(rule.access, "Allow") &&
      !seesPort(rule, flow.port) &&
      flow.hosts.some((host) => rule.hosts.some((pattern) => pattern !== "*" && hostCovers(pattern, host))),
  );
  return { access: doubtful ? "unknown" : "Deny", missingHosts, ...(wrongKind === undefined ? {} : { wrongKind }) };
}
