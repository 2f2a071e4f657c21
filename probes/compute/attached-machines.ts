import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { listRulesOf, openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { sameText } from "../../src/model/text.ts";
import { attachedMachines } from "../../src/facts/attached-machines.ts";
import { computeErrors } from "../../src/facts/computes.ts";
import { numbersOf, rulesOf } from "../../src/facts/network-security-groups.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-training-vnet";

interface Shut {
  readonly groupId: string;
  readonly name: string;
  readonly rule: string;
  readonly port: number;
  readonly address: string;
  readonly numbers: RuleNumbers;
}

/**
 * Azure Machine Learning works an attached virtual machine over SSH. A machine whose attachment succeeded was reached, so
 * rules are judged only for one that failed; the groups of the interface and of its subnet must both let the service in.
 */
export default defineProbe({
  id: "compute/attached-machines",
  title: "Azure Machine Learning can reach the attached virtual machines over SSH",
  layer: "transport",
  docs: [docs],
  needs: { machines: attachedMachines },
  consequence: "Whether rules keep Azure Machine Learning from an attached virtual machine",
  advisory: true,
  reasons: {
    "cmp-attached-vm-ssh-blocked": reason<Shut>({
      severity: "error",
      title: "A network security group keeps Azure Machine Learning from the SSH port of an attached virtual machine",
      detail: ({ name, rule, port, address }) =>
        `${name} is Failed; "${rule}" refuses TCP ${port} from AzureMachineLearning to ${address}.`,
      fix: ({ groupId, address, port, numbers }) => ({
        summary: "Let the service's own addresses in on the SSH port, then attach the machine again",
        ...openGroup(
          groupId,
          numbers,
          [
            {
              name: "Allow-AzureMachineLearning-Ssh",
              direction: "Inbound",
              protocol: "Tcp",
              sources: ["AzureMachineLearning"],
              destinations: [address],
              ports: [port],
            },
          ],
          "Keep the source to the service tag. Attached machines are of v1: a compute cluster in the network needs no SSH from outside.",
          120,
        ),
        takesEffect: "Within a minute, for new connections",
        verify: listRulesOf(groupId).map(({ text }) => text),
        docs,
      }),
      rivals: ["cmp-policy-lock-quota"],
    }),
  },
  judge({ machines }, say) {
    if (machines.length === 0) return say.skip("no virtual machine is attached as a compute");
    return machines.flatMap(({ compute, address, groups }): Verdict[] => {
      if (!sameText(compute.properties.provisioningState, "Failed"))
        return [say.pass("The machine was reached when it was attached", { subject: compute.id })];
      if (groups.is === "gap") return [say.unknown(groups, { subject: compute.id, matters: false })];
      if (address === undefined) return [say.skip("the machine is gone, or has no interface", compute.id)];
      const port = compute.properties.properties?.sshPort ?? 22;
      const all = valueOf(groups) ?? [];
      const words = computeErrors(compute)[0];
      const found = all.flatMap(({ is }): Verdict[] => {
        const group = valueOf(is);
        const verdict =
          group &&
          judgeFlow(rulesOf(group), {
            direction: "Inbound",
            protocol: "Tcp",
            source: { tag: "AzureMachineLearning" },
            destination: { prefix: address, inNetwork: true },
            port,
          });
        if (group === undefined || verdict?.access !== "Deny") return [];
        const rule = verdict.rule?.name ?? "default";
        return [
          say.found("cmp-attached-vm-ssh-blocked", {
            subject: group.id,
            about: [compute.id, ...(compute.properties.resourceId ? [compute.properties.resourceId] : [])],
            data: {
              groupId: group.id,
              name: compute.name,
              rule,
              port,
              address,
              numbers: numbersOf(group, "Inbound", [verdict.rule?.name]),
            },
            evidence: [
              armEvidence(
                group.id,
                `properties.securityRules "${rule}"`,
                `refuses TCP ${port} from AzureMachineLearning`,
                "allowed",
              ),
              armEvidence(compute.id, "properties.provisioningState", "Failed", "Succeeded"),
              ...(words === undefined ? [] : [armEvidence(compute.id, "properties.provisioningErrors", words)]),
            ],
            // Who was turned away by the machine itself has come through.
            ...(words !== undefined && /\bssh\b/i.test(words) && !/authenticat|credential|password|\bkey\b/i.test(words)
              ? {}
              : { inferredFrom: "an attachment that failed behind a group that refuses the service's SSH connection" }),
          }),
        ];
      });
      if (found.length > 0) return found;
      const gap = gapsOf(all.map(({ is }) => is))[0];
      return [
        gap === undefined
          ? say.pass("No security group keeps the service from the machine", { subject: compute.id })
          : say.unknown(gap, { subject: compute.id, matters: false }),
      ];
    });
  },
});
