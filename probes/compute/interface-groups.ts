import { armEvidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow, type Place } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { listRulesOf } from "../../src/model/security-rule-commands.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { batchSecurityGroups, groupOf } from "../../src/facts/batch-security-groups.ts";
import { hasPublicAddress, isAiling, stateEvidence } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { rulesOf } from "../../src/facts/network-security-groups.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#compute-instancecluster-with-public-ip";

/** Ends where Azure's own rules begin. */
const lastOwnPriority = 4096;

/**
 * Batch puts groups of its own on the interfaces of nodes with public addresses, and leaves them beside the network. What
 * they should hold is Batch's business; a rule in them that says Deny to the service itself was put there by somebody else.
 * Traffic has to pass this group and the subnet's.
 */
export default defineProbe({
  id: "compute/interface-groups",
  title: "The groups that Batch put on the nodes' interfaces are as Batch made them",
  layer: "transport",
  docs: [docs],
  needs: { places: computeSubnets, groups: batchSecurityGroups },
  consequence: "Whether the groups on the nodes' own interfaces were changed",
  advisory: true,
  reasons: {
    "nsg-subnet-and-nic-conflict": reason<{ groupId: string; rule: string; what: string; names: string[] }>({
      severity: "error",
      title: "The group that Batch put on the nodes' interfaces refuses the service",
      detail: ({ rule, what, names }) =>
        `"${rule}" refuses ${what}, whatever the subnet's own group allows; ${names.join(", ")} ${names.length === 1 ? "stands" : "stand"} behind such a group.`,
      fix({ groupId, rule }) {
        const group = parseArmId(groupId);
        return {
          summary: `Take the rule "${rule}" out of the group: Batch keeps it, and what should be limited belongs into the subnet's own group`,
          commands: [
            ...listRulesOf(groupId),
            ...(group === undefined
              ? []
              : [
                  az(
                    "network",
                    "nsg",
                    "rule",
                    "delete",
                    "--subscription",
                    group.subscriptionId,
                    "--resource-group",
                    group.resourceGroup,
                    "--nsg-name",
                    group.name,
                    "--name",
                    rule,
                  ),
                ]),
          ],
          warning: "See in the activity log who added the rule: a policy that adds it will add it again.",
          takesEffect: "Within a minute; unusable nodes are replaced when the cluster is scaled down and up",
          verify: listRulesOf(groupId).map(({ text }) => text),
          docs,
        };
      },
      rivals: ["cmp-inbound-ports-blocked", "nsg-outbound-required-tags-missing"],
    }),
  },
  judge({ places, groups }, say) {
    const open = places
      .map((place) => ({ place, machines: place.computes.filter((compute) => hasPublicAddress(compute) === true) }))
      .filter(({ machines }) => machines.length > 0);
    if (open.length === 0) return say.skip("no compute in a network of the customer says that it has a public address");
    const verdicts = open.flatMap(({ place, machines }): Verdict[] => {
      const beside = groups.find(({ id }) => sameId(id, groupOf(place.id)))?.is;
      if (beside?.is === "gap") return [say.unknown(beside, { subject: place.id, matters: false })];
      const subnet = valueOf(place.subnet);
      const prefix = subnet === undefined ? undefined : subnetPrefixes(subnet)[0];
      if (prefix === undefined) return [];
      const inside: Place = { prefix, inNetwork: true };
      const region = machines[0]?.properties.computeLocation ?? machines[0]?.location ?? "";
      const flows = [
        ["Inbound", "AzureMachineLearning", 44224],
        ["Outbound", `BatchNodeManagement.${region}`, 443],
        ["Outbound", "AzureMachineLearning", 443],
      ] as const;
      return ((beside && valueOf(beside)) ?? []).flatMap((group): Verdict[] => {
        const refused = flows.flatMap(([direction, tag, port]) => {
          const [source, destination] = direction === "Inbound" ? [{ tag }, inside] : [inside, { tag }];
          const verdict = judgeFlow(rulesOf(group), { direction, protocol: "Tcp", source, destination, port });
          return verdict.access === "Deny" && verdict.rule !== undefined && verdict.rule.priority <= lastOwnPriority
            ? [{ rule: verdict.rule.name, what: `TCP ${port} ${direction === "Inbound" ? "from" : "to"} ${tag}` }]
            : [];
        })[0];
        if (refused === undefined) return [say.pass(undefined, { subject: group.id })];
        const ailing = machines.filter(isAiling);
        return [
          say.found("nsg-subnet-and-nic-conflict", {
            subject: group.id,
            about: [place.id, ...machines.map(({ id }) => id)],
            data: { groupId: group.id, ...refused, names: machines.map(({ name }) => name) },
            evidence: [
              armEvidence(
                group.id,
                `properties.securityRules "${refused.rule}"`,
                `refuses ${refused.what}`,
                "no rule but Batch's own",
              ),
              ...ailing.slice(0, 1).map(stateEvidence),
            ],
            inferredFrom: "the group's name, which Batch gives; the nodes' interfaces themselves cannot be read",
            ...(ailing.length > 0 ? {} : { as: "warning" as const }),
          }),
        ];
      });
    });
    return verdicts.length > 0 ? verdicts : say.skip("Batch left no security group beside the computes' networks");
  },
});
