import { parseArmId } from "./arm-id.ts";
import { az, type Command, type Remediation } from "./remediation.ts";
import { shortList } from "./text.ts";

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

/** The numbers that are taken in one direction of a group: no two rules of a direction share one. */
export interface RuleNumbers {
  /** The rules that were put into the group; Azure's own, from 65000 on, are behind all of them. */
  readonly own: readonly { readonly name: string; readonly priority: number }[];
  /** The number of the first rule that refuses what is to be let through; absent when none of `own` does. */
  readonly before?: number;
}

/** The smallest number that Azure takes. */
const first = 100;

/** Numbers for new rules before the one that refuses, and the rules that make room for them: where too few are free, it
 * and those right behind it move back in their order, so that none of them is passed. */
function roomFor(count: number, { own, before = Infinity }: RuleNumbers, from: number) {
  const numbers: number[] = [];
  const seek = (start: number, end: number): void => {
    for (let each = start; numbers.length < count && each < end; each += 1)
      if (!own.some(({ priority }) => priority === each)) numbers.push(each);
  };
  seek(from, before);
  seek(first, Math.min(from, before));
  const moves: { name: string; from: number; to: number }[] = [];
  if (numbers.length === count) return { numbers, moves };
  let next = before;
  while (numbers.length < count) numbers.push(next++);
  const behind = own.filter(({ priority }) => priority >= before).sort((a, b) => a.priority - b.priority);
  for (const { name, priority } of behind) {
    if (priority >= next) break;
    moves.push({ name, from: priority, to: next++ });
  }
  return { numbers, moves };
}

/** Puts rules into a network security group before the one that refuses. What moves for it moves first, the last rule
 * before the others: at no time do two rules share a number or change places. The warning tells of it. Numbers are sought
 * behind `from` first: remedies that may be printed for one group in one report start at different ones. */
export function openGroup(
  groupId: string,
  taken: RuleNumbers,
  rules: readonly Omit<AllowRule, "priority">[],
  warning?: string,
  from = first,
): Pick<Remediation, "commands" | "warning"> {
  const group = ofGroup(groupId);
  if (group === undefined) return { commands: [], ...(warning === undefined ? {} : { warning }) };
  const { numbers, moves } = roomFor(rules.length, taken, from);
  const said = [
    ...(moves.length === 0
      ? []
      : [
          `Too few numbers before the rule that refuses are free, so this moves back first, in its order: ${shortList(
            moves.map(({ name, from, to }) => `"${name}" from ${from} to ${to}`),
          )}.`,
        ]),
    ...(warning === undefined ? [] : [warning]),
  ].join(" ");
  return {
    commands: [
      ...moves
        .toReversed()
        .map(({ name, to }) =>
          az("network", "nsg", "rule", "update", ...group, "--name", name, "--priority", String(to)),
        ),
      ...allowInGroup(groupId, ...rules.map((rule, index) => ({ ...rule, priority: numbers[index] ?? first }))),
    ],
    ...(said === "" ? {} : { warning: said }),
  };
}
