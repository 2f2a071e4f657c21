import { parseArmId } from "./arm-id.ts";
import { az, type Command } from "./remediation.ts";

/** A rule that lets traffic through. */
export interface AllowRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: "Inbound" | "Outbound";
  readonly protocol: string;
  /** Addresses or service tags; any when left out. */
  readonly sources?: readonly string[];
  readonly destinations: readonly string[];
  readonly ports: readonly (string | number)[];
}

/** The group of a command, or nothing when the id is none. */
function ofGroup(groupId: string): string[] | undefined {
  const group = parseArmId(groupId);
  return (
    group && ["--subscription", group.subscriptionId, "--resource-group", group.resourceGroup, "--nsg-name", group.name]
  );
}

/** Puts rules into a network security group. */
export function allowInGroup(groupId: string, ...rules: readonly AllowRule[]): Command[] {
  const group = ofGroup(groupId);
  return group === undefined
    ? []
    : rules.map(({ name, priority, direction, protocol, sources, destinations, ports }) =>
        az(
          "network",
          "nsg",
          "rule",
          "create",
          ...group,
          "--name",
          name,
          "--priority",
          String(priority),
          "--direction",
          direction,
          "--access",
          "Allow",
          "--protocol",
          protocol,
          ...(sources === undefined ? [] : ["--source-address-prefixes", ...sources]),
          "--destination-address-prefixes",
          ...destinations,
          "--destination-port-ranges",
          ...ports.map(String),
        ),
      );
}

/** Where a rule has to stand to count: the priorities that its direction has, and the rule that decides without it. */
export interface Room {
  readonly used: readonly number[];
  readonly decides?: { readonly name: string; readonly priority: number } | undefined;
}

/** Puts rules into a network security group ahead of the one that decides. Where nothing is free ahead of it, as where it has
 * the first priority, it is moved to the next free one behind them. */
export function allowAhead(
  groupId: string,
  { used, decides }: Room,
  ...rules: readonly Omit<AllowRule, "priority">[]
): Command[] {
  const group = ofGroup(groupId);
  const others = used.filter((priority) => priority !== decides?.priority);
  const next = freePriorities(others);
  const placed = rules.map((rule): AllowRule => ({ ...rule, priority: next() }));
  const allowed = allowInGroup(groupId, ...placed);
  if (group === undefined || decides === undefined || placed.every(({ priority }) => priority < decides.priority))
    return allowed;
  const behind = String(next());
  return [az("network", "nsg", "rule", "update", ...group, "--name", decides.name, "--priority", behind), ...allowed];
}

/** Lists a network security group's rules, Azure's own among them. */
export function listRulesOf(groupId: string): Command[] {
  const group = ofGroup(groupId);
  return group === undefined ? [] : [az("network", "nsg", "rule", "list", ...group, "--include-default")];
}

/** Hands out priorities that nothing in the group has, from 100 on. */
function freePriorities(used: readonly number[], from = 100): () => number {
  let next = from - 1;
  return () => {
    do next += 1;
    while (used.includes(next));
    return next;
  };
}
