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

/** Lists a network security group's rules, Azure's own among them. */
export function listRulesOf(groupId: string): Command[] {
  const group = ofGroup(groupId);
  return group === undefined ? [] : [az("network", "nsg", "rule", "list", ...group, "--include-default")];
}

/** Hands out priorities that nothing in the group has, from 100 on. */
export function freePriorities(used: readonly number[], from = 100): () => number {
  let next = from - 1;
  return () => {
    do next += 1;
    while (used.includes(next));
    return next;
  };
}
