import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defaultSecurityRules } from "../model/default-security-rules.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import type { SecurityRule } from "../model/network-rules.ts";
import type { RuleNumbers } from "../model/security-rule-commands.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs, uniqueIds } from "./arm-read.ts";
import { subnets } from "./subnets.ts";
import { text } from "./wire.ts";
import { vantage } from "./vantage.ts";

const list = z.array(z.string()).nullish();
const groups = z.array(z.object({ id: text })).nullish();

const rule = z.object({
  name: text,
  properties: z.object({
    priority: z.number(),
    direction: z.string(),
    access: z.string(),
    protocol: z.string(),
    sourceAddressPrefix: text,
    sourceAddressPrefixes: list,
    destinationAddressPrefix: text,
    destinationAddressPrefixes: list,
    sourcePortRange: text,
    sourcePortRanges: list,
    destinationPortRange: text,
    destinationPortRanges: list,
    sourceApplicationSecurityGroups: groups,
    destinationApplicationSecurityGroups: groups,
  }),
});

/** A rule in wire form. */
export type WireRule = z.infer<typeof rule>;

export const networkSecurityGroupSchema = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    provisioningState: text,
    securityRules: z.array(rule).nullish(),
    defaultSecurityRules: z.array(rule).nullish(),
  }),
});
export type NetworkSecurityGroup = z.infer<typeof networkSecurityGroupSchema>;

function toRule({ name, properties: its }: WireRule): SecurityRule {
  return {
    name: name ?? `priority ${its.priority}`,
    priority: its.priority,
    direction: its.direction,
    access: its.access,
    protocol: its.protocol,
    sources: uniqueIds([its.sourceAddressPrefix, ...(its.sourceAddressPrefixes ?? [])]),
    destinations: uniqueIds([its.destinationAddressPrefix, ...(its.destinationAddressPrefixes ?? [])]),
    sourcePorts: uniqueIds([its.sourcePortRange, ...(its.sourcePortRanges ?? [])]),
    destinationPorts: uniqueIds([its.destinationPortRange, ...(its.destinationPortRanges ?? [])]),
    usesGroups:
      (its.sourceApplicationSecurityGroups ?? []).length + (its.destinationApplicationSecurityGroups ?? []).length > 0,
  };
}

/** All rules of a group, the ones that Azure adds among them. */
export function rulesOf({ properties }: NetworkSecurityGroup): SecurityRule[] {
  const own = properties.defaultSecurityRules ?? [];
  return [
    ...(properties.securityRules ?? []).map(toRule),
    ...(own.length > 0 ? own.map(toRule) : defaultSecurityRules),
  ];
}

/** The numbers that are taken in a direction of a group; new rules are to stand before the deciding ones, by name. */
export function numbersOf(
  { properties }: NetworkSecurityGroup,
  direction: "Inbound" | "Outbound",
  deciding: readonly (string | undefined)[],
): RuleNumbers {
  const own = (properties.securityRules ?? [])
    .map(toRule)
    .filter((each) => sameText(each.direction, direction))
    .map(({ name, priority }) => ({ name, priority }));
  const refusing = own.filter(({ name }) => deciding.includes(name)).map(({ priority }) => priority);
  return { own, ...(refusing.length === 0 ? {} : { before: Math.min(...refusing) }) };
}

/** The network security groups of the subnets in question and of this machine's own interfaces, as they are defined: the
 * effective rules of an interface would need an action that readers do not have. */
export const networkSecurityGroups = defineFact({
  key: "arm/network-security-groups",
  needs: { subnets, vantage: raw(vantage) },
  reads: ["Microsoft.Network/networkSecurityGroups/read"],
  schema: z.array(eachOf(networkSecurityGroupSchema)),
  async collect({ subnets: all, vantage: here }, context) {
    const interfaces = valueOf(here)?.interfaces;
    const ids = uniqueIds([
      ...all.map(({ is }) => valueOf(is)?.subnet.properties?.networkSecurityGroup?.id),
      ...((interfaces && valueOf(interfaces)) ?? []).map(({ properties }) => properties.networkSecurityGroup?.id),
    ]);
    return seen(
      await Promise.all(
        ids.map(async (id) => ({ id, is: await getAs(context, id, apiVersions.network, networkSecurityGroupSchema) })),
      ),
    );
  },
});
