import * as z from "zod";
import { inAnyPrefix } from "../model/address.ts";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { allSeen, gapsOf, seen, valueOf, type Observation } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import type { Route } from "../model/route-choice.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import {
  firewallRuleSchema,
  ruleCollectionSchema,
  rulesInOrder,
  classicRules,
  classicSchema,
} from "./firewall-rules.ts";
import { networks, type VirtualNetwork } from "./networks.ts";
import { routeTables, routesOf } from "./route-tables.ts";
import { subnetPrefixes } from "./subnets.ts";
import { subResource, text } from "./wire.ts";

const firewallSchema = z.object({
  id: z.string(),
  name: text,
  properties: classicSchema.extend({
    ipConfigurations: z.array(z.object({ properties: z.object({ privateIPAddress: text }).nullish() })).nullish(),
    firewallPolicy: subResource.nullish(),
  }),
});

const policySchema = z.object({ id: z.string(), properties: z.object({ basePolicy: subResource.nullish() }) });
const groupSchema = z.object({
  id: z.string(),
  properties: z.object({ priority: z.number().nullish(), ruleCollections: z.array(ruleCollectionSchema).nullish() }),
});

const firewall = z.object({
  id: z.string(),
  address: z.string(),
  policyId: z.string().optional(),
  /** In the order in which the firewall asks them; a gap when a policy or one it inherits from cannot be read. */
  rules: observationOf(z.array(firewallRuleSchema)),
});
export type Firewall = z.infer<typeof firewall>;

type Rules = z.infer<typeof firewallRuleSchema>[];

/** A policy's rules, those of the policy that it inherits from first. */
async function policyRules(context: Context, id: string, depth = 0): Promise<Observation<Rules>> {
  const [policy, groups] = await Promise.all([
    getAs(context, id, apiVersions.network, policySchema),
    listAs(context, `${id}/ruleCollectionGroups`, apiVersions.network, groupSchema),
  ]);
  if (policy.is !== "value") return policy;
  if (groups.is === "gap") return groups;
  const base = policy.value.properties.basePolicy?.id;
  // Azure lets a policy inherit once; the second step only guards against an answer that points at itself.
  const inherited = base === undefined || depth > 1 ? seen<Rules>([]) : await policyRules(context, base, depth + 1);
  if (inherited.is === "gap") return inherited;
  const own = (valueOf(groups) ?? [])
    .sort((a, b) => (a.properties.priority ?? 0) - (b.properties.priority ?? 0))
    .flatMap((group) => rulesInOrder(group.properties.ruleCollections ?? []));
  return seen([...(valueOf(inherited) ?? []), ...own]);
}

/** The Azure Firewalls that routes of the subnets in question lead to. They are sought in the subscriptions of the networks
 * and tables, and behind their own subnets; a next hop that none of them has is another appliance. */
export const firewalls = defineFact({
  key: "arm/firewalls",
  needs: { tables: routeTables, networks: raw(networks) },
  reads: [
    "Microsoft.Network/azureFirewalls/read",
    "Microsoft.Network/firewallPolicies/read",
    "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
  ],
  schema: z.object({ found: z.array(firewall), subscriptions: z.array(eachOf(z.number())) }),
  async collect({ tables, networks: known }, context) {
    const hops = allSeen(tables.map(({ is }) => is)).flatMap((table) =>
      routesOf(table).filter(({ nextHop }) => sameText(nextHop, "VirtualAppliance")),
    );
    if (hops.length === 0) return seen({ found: [], subscriptions: [] });
    const subscriptions = uniqueIds(
      [...tables.map(({ id }) => id), ...(valueOf(known) ?? []).map(({ id }) => id)].map((id) => id.split("/")[2]),
    );
    const listed = await Promise.all(
      subscriptions.map(async (id) => ({
        id,
        is: await listAs(
          context,
          `/subscriptions/${id}/providers/Microsoft.Network/azureFirewalls`,
          apiVersions.network,
          firewallSchema,
        ),
      })),
    );
    // A list leaves out what may not be read; the firewall's own subnet tells of it all the same.
    const unlisted = uniqueIds(
      (valueOf(known) ?? []).flatMap(({ network }) => firewallsOf(valueOf(network), hops)),
    ).filter((id) => !allSeen(listed.map(({ is }) => is)).some((all) => all.some((each) => sameId(each.id, id))));
    const direct = await Promise.all(
      unlisted.map(async (id) => ({ id, is: await getAs(context, id, apiVersions.network, firewallSchema) })),
    );
    const found = await Promise.all(
      [...allSeen(listed.map(({ is }) => is)).flat(), ...allSeen(direct.map(({ is }) => is))]
        .flatMap((each) => {
          const address = (each.properties.ipConfigurations ?? [])
            .map((configuration) => configuration.properties?.privateIPAddress)
            .find((ip) => hops.some(({ nextHopAddress }) => nextHopAddress === ip && ip));
          return address ? [{ each, address }] : [];
        })
        .map(async ({ each, address }): Promise<Firewall> => {
          const policyId = each.properties.firewallPolicy?.id;
          const rules =
            policyId === undefined ? seen(classicRules(each.properties)) : await policyRules(context, policyId);
          return { id: each.id, address, ...(policyId === undefined ? {} : { policyId }), rules };
        }),
    );
    return seen({
      found,
      subscriptions: [
        ...listed.map(({ id, is }) => ({
          id: `/subscriptions/${id}`,
          is: is.is === "value" ? seen(is.value.length) : is,
        })),
        ...direct.flatMap(({ id, is }) => (is.is === "gap" ? [{ id, is }] : [])),
      ],
    });
  },
});

/** The firewalls whose subnet one of these hops stands in. */
function firewallsOf(network: VirtualNetwork | undefined, hops: readonly Route[]): string[] {
  return (network?.properties.subnets ?? [])
    .filter((subnet) => {
      const prefixes = subnetPrefixes(subnet);
      return (
        sameText(subnet.name, "AzureFirewallSubnet") &&
        hops.some(({ nextHopAddress }) => nextHopAddress !== undefined && inAnyPrefix(nextHopAddress, prefixes))
      );
    })
    .flatMap(({ properties }) => properties?.ipConfigurations ?? [])
    .flatMap(({ id }) => /^.*\/azureFirewalls\/[^/]+/i.exec(id)?.[0] ?? []);
}

/** The firewall at a next hop; `other` when every subscription could be read and none has it. */
export function firewallAt(
  address: string | undefined,
  { found, subscriptions }: { found: readonly Firewall[]; subscriptions: readonly { is: Observation<number> }[] },
): Firewall | "other" | "unknown" {
  const here = found.find((each) => each.address === address);
  return here ?? (gapsOf(subscriptions.map(({ is }) => is)).length > 0 ? "unknown" : "other");
}
