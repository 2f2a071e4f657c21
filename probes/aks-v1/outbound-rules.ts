import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { sameText } from "../../src/model/text.ts";
import { extensionCodes } from "../../src/facts/extension-failure.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesComplaints } from "../../src/facts/kubernetes-complaints.ts";
import { extensionErrors, hasFailed } from "../../src/facts/kubernetes-extensions.ts";
import { kubernetesNetworks } from "../../src/facts/kubernetes-networks.ts";
import { numbersOf, type WireRule } from "../../src/facts/network-security-groups.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet";

/** What nodes need in any case: the rule's name and the service tag. */
const needed = [
  ["AllowRegistry", "AzureContainerRegistry"],
  ["AllowMicrosoftRegistry", "MicrosoftContainerRegistry"],
  ["AllowAzureMachineLearning", "AzureMachineLearning"],
  ["AllowSignIn", "AzureActiveDirectory"],
  ["AllowResourceManager", "AzureResourceManager"],
  ["AllowStorage", "Storage"],
] as const;

/**
 * Whether the nodes' security group shuts outbound traffic altogether. A deny with allows for the registry and Azure
 * Machine Learning before it is a design, not a fault; and where neither a pod nor the extension complains of the network
 * it is a remark only.
 */
export default defineProbe({
  id: "aks-v1/outbound-rules",
  title: "The security group of the nodes leaves their way out open",
  layer: "transport",
  docs: [docs],
  needs: { clusters: kubernetesClusters, networks: kubernetesNetworks, complaints: kubernetesComplaints },
  reasons: {
    "aksv1-default-outbound-removed": reason<{ groupId: string; rule: string; numbers: RuleNumbers }>({
      severity: "error",
      title: "The security group of the nodes denies their outbound traffic",
      detail: ({ rule }) =>
        `The rule ${rule} denies outbound traffic to everywhere, and no rule before it allows the container registry.`,
      fix: ({ groupId, numbers }) => ({
        summary: "Allow what the nodes need before the deny",
        ...openGroup(
          groupId,
          numbers,
          needed.map(([name, tag]) => ({
            name,
            direction: "Outbound",
            protocol: "Tcp",
            destinations: [tag],
            ports: [443],
          })),
          "AKS itself needs more hosts than Azure Machine Learning does: see its page on outbound rules.",
        ),
        verify: ["kubectl get events --all-namespaces --field-selector=type=Warning"],
        docs,
      }),
    }),
  },
  judge({ clusters, networks, complaints }, say) {
    const verdicts = networks.flatMap(({ clusterId, groups }): Verdict[] =>
      groups.flatMap(({ id, is }): Verdict[] => {
        if (is.is === "gap")
          return [
            say.unknown(is, {
              subject: id,
              consequence: "Whether the nodes' security group lets them out",
              matters: false,
            }),
          ];
        const group = valueOf(is);
        const rules = (group?.properties.securityRules ?? [])
          .filter(({ properties }) => sameText(properties.direction, "Outbound"))
          .sort((a, b) => a.properties.priority - b.properties.priority);
        const deny = rules.findIndex(isWideDeny);
        const rule = rules[deny];
        if (group === undefined || rule === undefined || rules.slice(0, deny).some(allowsRegistry))
          return [say.pass(undefined, { subject: id })];
        const cutOff = clusters
          .filter((cluster) => sameId(cluster.id, clusterId))
          .flatMap(({ extensions }) => valueOf(extensions) ?? [])
          .some((extension) => hasFailed(extension) && extensionCodes(extensionErrors(extension)).includes("E45003"));
        const harmed =
          cutOff ||
          complaints.some(
            (each) => sameId(each.clusterId, clusterId) && (each.kind === "timeout" || each.kind === "refused"),
          );
        return [
          say.found("aksv1-default-outbound-removed", {
            subject: id,
            about: [clusterId],
            data: {
              groupId: id,
              rule: rule.name ?? "",
              numbers: numbersOf(group, "Outbound", [rule.name ?? undefined]),
            },
            evidence: [
              armEvidence(
                id,
                `rule ${rule.name ?? ""}`,
                `Deny Outbound to ${rule.properties.destinationAddressPrefix ?? "?"}, priority ${rule.properties.priority}`,
                "the default outbound rules",
              ),
            ],
            inferredFrom: harmed
              ? "pods of the cluster time out or its extension finds no network, and this rule stands on their way"
              : "neither a pod nor the extension is seen to complain",
            ...(harmed ? {} : { as: "warning" as const }),
          }),
        ];
      }),
    );
    return verdicts.length > 0 ? verdicts : say.skip("no security group stands before the nodes");
  },
});

function isWideDeny({ properties }: WireRule): boolean {
  const { access, protocol, destinationAddressPrefix, destinationPortRange, destinationPortRanges } = properties;
  const ports = [destinationPortRange, ...(destinationPortRanges ?? [])];
  return (
    sameText(access, "Deny") &&
    /^(\*|tcp)$/i.test(protocol) &&
    /^(\*|internet|0\.0\.0\.0\/0)$/i.test(destinationAddressPrefix ?? "") &&
    ports.some((port) => port === "*" || port === "443")
  );
}

function allowsRegistry({ properties }: WireRule): boolean {
  const to = [properties.destinationAddressPrefix, ...(properties.destinationAddressPrefixes ?? [])];
  return (
    sameText(properties.access, "Allow") &&
    to.some((prefix) =>
      /^(AzureContainerRegistry|MicrosoftContainerRegistry|AzureCloud|Internet|\*)/i.test(prefix ?? ""),
    )
  );
}
