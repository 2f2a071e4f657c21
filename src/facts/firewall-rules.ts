import * as z from "zod";
import type { FirewallRule } from "../model/firewall-rules.ts";
import { sameText } from "../model/text.ts";
import { text } from "./wire.ts";

const list = z.array(z.string()).nullish();
const action = z.object({ type: text }).nullish();
const protocols = z.array(z.object({ protocolType: text, port: z.number().nullish() })).nullish();

const policyRule = z.object({
  ruleType: text,
  name: text,
  ipProtocols: list,
  protocols,
  sourceAddresses: list,
  sourceIpGroups: list,
  destinationAddresses: list,
  destinationIpGroups: list,
  destinationFqdns: list,
  destinationPorts: list,
  targetFqdns: list,
  targetUrls: list,
  fqdnTags: list,
  webCategories: list,
});

/** A rule collection of a policy, in wire form. */
export const ruleCollectionSchema = z.object({
  name: text,
  priority: z.number().nullish(),
  action,
  rules: z.array(policyRule).nullish(),
});

const classicCollection = z.object({
  properties: z.object({
    priority: z.number().nullish(),
    action,
    rules: z
      .array(
        z.object({
          name: text,
          // Names of protocols in network rules, objects in application rules.
          protocols: z
            .array(z.union([z.string(), z.object({ protocolType: text, port: z.number().nullish() })]))
            .nullish(),
          sourceAddresses: list,
          sourceIpGroups: list,
          destinationAddresses: list,
          destinationIpGroups: list,
          destinationFqdns: list,
          destinationPorts: list,
          targetFqdns: list,
          fqdnTags: list,
        }),
      )
      .nullish(),
  }),
});

/** The rules of a firewall without a policy, in wire form. */
export const classicSchema = z.object({
  networkRuleCollections: z.array(classicCollection).nullish(),
  applicationRuleCollections: z.array(classicCollection).nullish(),
});

/** A rule as it is judged. */
export const firewallRuleSchema = z.object({
  kind: z.enum(["network", "application"]),
  name: z.string(),
  access: z.string(),
  sources: z.array(z.string()),
  destinations: z.array(z.string()),
  hosts: z.array(z.string()),
  protocols: z.array(z.string()),
  ports: z.array(z.string()),
  usesGroups: z.boolean(),
}) satisfies z.ZodType<FirewallRule>;
type Rule = z.infer<typeof firewallRuleSchema>;

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, mssql: 1433 };

function any(...lists: readonly (readonly unknown[] | null | undefined)[]): boolean {
  return lists.some((each) => (each ?? []).length > 0);
}

function applicationPorts(given: z.infer<typeof protocols>): string[] {
  return (given ?? []).map(({ protocolType, port }) =>
    String(port ?? defaultPorts[protocolType?.toLowerCase() ?? ""] ?? 443),
  );
}

/** The rules of a group's collections, by priority; address translation rules say nothing of what leaves. */
export function rulesInOrder(collections: readonly z.infer<typeof ruleCollectionSchema>[]): Rule[] {
  return [...collections]
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
    .flatMap((collection) =>
      (collection.rules ?? []).flatMap((rule): Rule[] => {
        const kind = sameText(rule.ruleType, "NetworkRule")
          ? "network"
          : sameText(rule.ruleType, "ApplicationRule")
            ? "application"
            : undefined;
        if (kind === undefined) return [];
        return [
          {
            kind,
            name: `${collection.name ?? ""}/${rule.name ?? ""}`,
            access: collection.action?.type ?? "",
            sources: rule.sourceAddresses ?? [],
            destinations: kind === "network" ? (rule.destinationAddresses ?? []) : [],
            hosts: kind === "network" ? (rule.destinationFqdns ?? []) : (rule.targetFqdns ?? []),
            protocols: rule.ipProtocols ?? [],
            ports: kind === "network" ? (rule.destinationPorts ?? []) : applicationPorts(rule.protocols),
            usesGroups: any(
              rule.sourceIpGroups,
              rule.destinationIpGroups,
              rule.fqdnTags,
              rule.targetUrls,
              rule.webCategories,
            ),
          },
        ];
      }),
    );
}

/** The rules of a firewall that has no policy. */
export function classicRules(firewall: z.infer<typeof classicSchema>): Rule[] {
  const read = (kind: Rule["kind"], collections: z.infer<typeof classicCollection>[] | null | undefined): Rule[] =>
    [...(collections ?? [])]
      .sort((a, b) => (a.properties.priority ?? 0) - (b.properties.priority ?? 0))
      .flatMap(({ properties: its }) =>
        (its.rules ?? []).map((rule): Rule => {
          const named = (rule.protocols ?? []).filter((protocol) => typeof protocol === "string");
          const typed = (rule.protocols ?? []).filter((protocol) => typeof protocol !== "string");
          return {
            kind,
            name: rule.name ?? "",
            access: its.action?.type ?? "",
            sources: rule.sourceAddresses ?? [],
            destinations: rule.destinationAddresses ?? [],
            hosts: [...(rule.destinationFqdns ?? []), ...(rule.targetFqdns ?? [])],
            protocols: named,
            ports: kind === "network" ? (rule.destinationPorts ?? []) : applicationPorts(typed),
            usesGroups: any(rule.sourceIpGroups, rule.destinationIpGroups, rule.fqdnTags),
          };
        }),
      );
  return [
    ...read("network", firewall.networkRuleCollections),
    ...read("application", firewall.applicationRuleCollections),
  ];
}
