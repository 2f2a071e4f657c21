import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { listRulesOf, openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { hasPublicAddress, isAiling, isWorking, stateEvidence } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { numbersOf, rulesOf } from "../../src/facts/network-security-groups.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#compute-instancecluster-with-public-ip";

/**
 * Computes with public addresses are managed from outside: the service connects to port 44224 of each. Computes without
 * public addresses call out and need no inbound rule at all. Groups made for older computes open 29876-29877 to Batch
 * instead, which some still live on: where that is open, the missing rule is a remark.
 */
export default defineProbe({
  id: "compute/inbound",
  title: "Azure Machine Learning can manage the computes that have public addresses",
  layer: "transport",
  docs: [docs],
  needs: { places: computeSubnets },
  consequence: "Whether rules keep the service from managing computes with public addresses",
  reasons: {
    "cmp-inbound-ports-blocked": reason<{
      groupId: string;
      region: string;
      legacyOpen: boolean;
      names: string[];
      numbers: RuleNumbers;
      rule?: string;
    }>({
      severity: "error",
      title: "The subnet's network security group keeps the service from managing computes with public addresses",
      detail: ({ names, rule, legacyOpen }) =>
        `${names.join(", ")} ${names.length === 1 ? "has a public address" : "have public addresses"}, and TCP 44224 from AzureMachineLearning is refused${rule === undefined ? "" : ` by "${rule}"`}${legacyOpen ? "; the ports of older computes, 29876-29877 from BatchNodeManagement, are open" : ""}.`,
      fix: ({ groupId, numbers }) => ({
        summary: "Let the service's own addresses in on its management port",
        ...openGroup(
          groupId,
          numbers,
          [
            {
              name: "Allow-AzureMachineLearning-In",
              direction: "Inbound",
              protocol: "Tcp",
              sources: ["AzureMachineLearning"],
              destinations: ["VirtualNetwork"],
              ports: [44224],
            },
          ],
          "Leave the groups that Batch puts on the nodes' own interfaces alone. Computes without public addresses need no inbound rule: make them anew with enableNodePublicIp false where a private path is intended.",
        ),
        takesEffect: "Within a minute; unusable nodes are replaced when the cluster is scaled down and up",
        verify: listRulesOf(groupId).map(({ text }) => text),
        docs,
      }),
      rivals: ["nsg-outbound-required-tags-missing", "udr-forced-tunneling-breaks-compute"],
    }),
  },
  judge({ places }, say) {
    const open = places
      .map((place) => ({ place, machines: place.computes.filter((compute) => hasPublicAddress(compute) === true) }))
      .filter(({ machines }) => machines.length > 0);
    if (open.length === 0) return say.skip("no compute in a network of the customer says that it has a public address");
    return open.map(({ place, machines }): Verdict => {
      if (place.securityGroup.is === "gap") return say.unknown(place.securityGroup, { subject: place.id });
      const subnet = valueOf(place.subnet);
      const prefix = subnet === undefined ? undefined : subnetPrefixes(subnet)[0];
      if (place.securityGroup.is === "absent" || prefix === undefined)
        return say.pass("The computes' subnet has no network security group", { subject: place.id });
      const group = place.securityGroup.value;
      const region = machines[0]?.properties.computeLocation ?? machines[0]?.location ?? "";
      const from = (tag: string, port: number) =>
        judgeFlow(rulesOf(group), {
          direction: "Inbound",
          protocol: "Tcp",
          source: { tag },
          destination: { prefix, inNetwork: true },
          port,
        });
      const verdict = from("AzureMachineLearning", 44224);
      if (verdict.access !== "Deny") return say.pass(undefined, { subject: group.id });
      const legacyOpen = [29876, 29877].every((port) => from(`BatchNodeManagement.${region}`, port).access === "Allow");
      const ailing = machines.filter(isAiling);
      const weak = legacyOpen || (machines.some(isWorking) && ailing.length === 0);
      return say.found("cmp-inbound-ports-blocked", {
        subject: group.id,
        about: [place.id, ...machines.map(({ id }) => id)],
        data: {
          groupId: group.id,
          region,
          legacyOpen,
          names: machines.map(({ name }) => name),
          numbers: numbersOf(group, "Inbound", [verdict.rule?.name]),
          ...(verdict.rule === undefined ? {} : { rule: verdict.rule.name }),
        },
        evidence: [
          armEvidence(
            group.id,
            "properties.securityRules (inbound)",
            `TCP 44224 from AzureMachineLearning is refused by ${verdict.rule?.name ?? "default"}`,
            "allowed",
          ),
          ...machines
            .slice(0, 1)
            .map((compute) =>
              armEvidence(
                compute.id,
                "properties.properties.enableNodePublicIp",
                compute.properties.properties?.enableNodePublicIp ??
                  compute.properties.properties?.connectivityEndpoints?.publicIpAddress,
              ),
            ),
          ...ailing.slice(0, 1).map(stateEvidence),
        ],
        ...(ailing.length > 0
          ? {}
          : { inferredFrom: "the rules as they are defined; no compute in the subnet reports a fault at this moment" }),
        ...(weak ? { as: "warning" as const } : {}),
      });
    });
  },
});
