import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { listRulesOf, openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { sameText } from "../../src/model/text.ts";
import { computeErrors } from "../../src/facts/computes.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesNetworks } from "../../src/facts/kubernetes-networks.ts";
import { numbersOf, rulesOf } from "../../src/facts/network-security-groups.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet";

/**
 * Clusters that were attached the v1 way in 2019 were to let AzureMachineLearning in; the present articles ask for no such
 * rule. So it is a remark, and made only where the attachment failed.
 */
export default defineProbe({
  id: "aks-v1/service-inbound",
  title: "No attachment of v1 failed behind a group that keeps Azure Machine Learning out",
  layer: "transport",
  docs: [docs],
  needs: { attachments: kubernetesAttachments, networks: kubernetesNetworks },
  consequence: "Whether a group keeps Azure Machine Learning from a v1 cluster",
  advisory: true,
  reasons: {
    "aksv1-nsg-inbound-azureml-missing": reason<{
      groupId: string;
      name: string;
      rule: string;
      numbers: RuleNumbers;
      prefix: string;
    }>({
      severity: "warning",
      title: "An attachment of v1 failed, and the nodes' security group keeps Azure Machine Learning out",
      detail: ({ name, rule }) => `${name} is Failed; "${rule}" refuses AzureMachineLearning on TCP 443.`,
      fix: ({ groupId, numbers, prefix }) => ({
        summary:
          "Attach the cluster by the Azure Machine Learning extension, which needs no way in; for an attachment of v1, let AzureMachineLearning in and attach again",
        ...openGroup(
          groupId,
          numbers,
          [
            {
              name: "Allow-AzureMachineLearning-In",
              direction: "Inbound",
              protocol: "Tcp",
              sources: ["AzureMachineLearning"],
              destinations: [prefix],
              ports: [443],
            },
          ],
          "The rule is of 2019 and no longer in the articles: take it away again if the attachment fails as before.",
          120,
        ),
        verify: listRulesOf(groupId).map(({ text }) => text),
        docs,
      }),
    }),
  },
  judge({ attachments, networks }, say) {
    const failed = attachments.filter(
      ({ compute: { properties } }) =>
        sameText(properties.computeType, "AKS") && sameText(properties.provisioningState, "Failed"),
    );
    if (failed.length === 0) return say.skip("no attachment of v1 has failed");
    const verdicts = failed.flatMap(({ compute, clusterId }): Verdict[] =>
      networks
        .filter((each) => sameId(each.clusterId, clusterId))
        .flatMap(({ groups, network, nodeSubnets }) =>
          (valueOf(network)?.properties.subnets ?? [])
            .filter(({ id }) => nodeSubnets.some((each) => sameId(each, id)))
            .flatMap((subnet): Verdict[] => {
              const found = groups.find(({ id }) => sameId(id, subnet.properties?.networkSecurityGroup?.id));
              const group = found && valueOf(found.is);
              const prefix = subnetPrefixes(subnet)[0];
              if (group === undefined || prefix === undefined) return [];
              const verdict = judgeFlow(rulesOf(group), {
                direction: "Inbound",
                protocol: "Tcp",
                source: { tag: "AzureMachineLearning" },
                destination: { prefix, inNetwork: true },
                port: 443,
              });
              if (verdict.access !== "Deny") return [say.pass(undefined, { subject: group.id })];
              const rule = verdict.rule?.name ?? "default";
              return [
                say.found("aksv1-nsg-inbound-azureml-missing", {
                  subject: group.id,
                  about: [compute.id, clusterId],
                  data: {
                    groupId: group.id,
                    name: compute.name,
                    rule,
                    numbers: numbersOf(group, "Inbound", [verdict.rule?.name]),
                    prefix,
                  },
                  evidence: [
                    armEvidence(compute.id, "properties.provisioningState", "Failed", "Succeeded"),
                    armEvidence(group.id, `properties.securityRules "${rule}"`, "refuses AzureMachineLearning"),
                    ...computeErrors(compute)
                      .slice(0, 1)
                      .map((line) => armEvidence(compute.id, "properties.provisioningErrors", line)),
                  ],
                  inferredFrom: "an attachment that failed, and a rule of 2019 that the group does not have",
                }),
              ];
            }),
        ),
    );
    return verdicts.length > 0 ? verdicts : say.skip("no security group that can be read stands before the nodes");
  },
});
