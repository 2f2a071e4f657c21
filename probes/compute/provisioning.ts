import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { showState, showUsages } from "../../src/model/deployment-commands.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { listRulesOf } from "../../src/model/security-rule-commands.ts";
import { computeErrors, computes, type Compute } from "../../src/facts/computes.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { sameId } from "../../src/model/arm-id.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet";

interface Refusal {
  readonly computeId: string;
  readonly words: string;
  readonly groupId?: string;
  readonly networkId?: string;
  readonly region?: string;
  /** Cores are no matter of the network: nothing of it is looked up for them. */
  readonly cores: boolean;
}

const missingRules = /network security group[^]*\bmissing the following rules\b/i;
const policyOrLock =
  /RequestDisallowedByPolicy|ScopeLocked|PublicIPCountLimitReached|(?:NetworkSecurityGroup|LoadBalancer|PublicIP)s?\w*(?:Quota|Limit)\w*/i;
const coreQuota = /CoreQuota|CoresQuota|QuotaExceeded|\bvCPU quota\b|\bcores? quota\b|OutOfQuota/i;

/** The line of a compute's errors that has this shape. */
function errorLike(compute: Compute, shape: RegExp): string | undefined {
  return computeErrors(compute).find((line) => shape.test(line));
}

/** What the service says of a compute that it could not make or keep: its words name the cause, and nothing is inferred. */
export default defineProbe({
  id: "compute/provisioning",
  title: "The service reports no network refusal for any compute",
  layer: "endpoint",
  docs: [docs],
  needs: { computes, subnets: raw(subnets) },
  consequence: "Whether the service refuses a compute for its network",
  reasons: {
    "cmp-subnet-nsg-missing-rules": reason<Refusal>({
      severity: "error",
      title: "The service refuses a compute because its subnet's network security group lacks rules",
      detail: ({ words }) => `The service says: ${words}`,
      fix: ({ computeId, groupId }) => ({
        summary:
          "Add the rules that the service names to the subnet's network security group, then scale the compute up again",
        commands: [
          ...(groupId === undefined ? [] : listRulesOf(groupId)),
          azRest("get", computeId, apiVersions.machineLearning),
        ],
        verify: [`${azRest("get", computeId, apiVersions.machineLearning).text} --query properties.properties.errors`],
        docs,
      }),
      causedBy: ["nsg-outbound-required-tags-missing", "cmp-inbound-ports-blocked"],
    }),
    "cmp-policy-lock-quota": reason<Refusal>({
      severity: "error",
      title: "A policy, a lock or a quota stops a compute",
      detail: ({ words, cores }) => `The service says: ${words}${cores ? ". This is no network fault." : ""}`,
      fix({ computeId, networkId, region, cores }) {
        if (cores)
          return {
            summary:
              "See which quota of cores is used up; free some (a smaller size, fewer nodes) or request an increase, then make the compute again",
            commands: region ? [showUsages(parseArmId(computeId)?.subscriptionId ?? "", region)] : [],
            verify: [showState(computeId)],
            docs: "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas",
          };
        const network = parseArmId(networkId) ?? parseArmId(computeId);
        return {
          summary:
            "See which lock, policy or quota it is, and have its owner make room for the compute; a compute without public addresses needs no public IP",
          commands:
            network === undefined
              ? []
              : [
                  az(
                    "lock",
                    "list",
                    "--subscription",
                    network.subscriptionId,
                    "--resource-group",
                    network.resourceGroup,
                    "--output",
                    "table",
                  ),
                  az(
                    "policy",
                    "assignment",
                    "list",
                    "--subscription",
                    network.subscriptionId,
                    "--resource-group",
                    network.resourceGroup,
                    "--disable-scope-strict-match",
                    "--output",
                    "table",
                  ),
                  ...(region
                    ? [
                        az(
                          "network",
                          "list-usages",
                          "--subscription",
                          network.subscriptionId,
                          "--location",
                          region,
                          "--output",
                          "table",
                        ),
                      ]
                    : []),
                ],
          warning:
            "Locks also stop the deletion of a compute and of private endpoints later. Take one off only with its owner's consent.",
          verify: [showState(computeId)],
          docs,
        };
      },
    }),
  },
  judge({ computes: all, subnets: known }, say) {
    const managed = all.filter(({ properties }) => properties.isAttachedCompute !== true);
    if (managed.length === 0) return say.skip("the workspace has no compute of its own");
    const found = managed.flatMap((compute): Verdict[] => {
      const subnetId = compute.properties.properties?.subnet?.id;
      const place = (valueOf(known) ?? []).find(({ id }) => sameId(id, subnetId))?.is;
      const groupId = (place && valueOf(place))?.subnet.properties?.networkSecurityGroup?.id;
      const about = [subnetId, groupId].filter((id) => id !== undefined);
      const ofNetwork = errorLike(compute, policyOrLock);
      const cores = ofNetwork === undefined;
      const kinds = [
        ["cmp-subnet-nsg-missing-rules", errorLike(compute, missingRules)],
        ["cmp-policy-lock-quota", ofNetwork ?? errorLike(compute, coreQuota)],
      ] as const;
      return kinds.flatMap(([id, words]) => {
        if (words === undefined) return [];
        const region = compute.properties.computeLocation ?? compute.location;
        const isLimit = id === "cmp-policy-lock-quota";
        return [
          say.found(id, {
            subject: compute.id,
            about: isLimit ? [] : about,
            data: {
              computeId: compute.id,
              words,
              cores,
              ...(groupId === undefined ? {} : { groupId }),
              ...(subnetId === undefined ? {} : { networkId: subnetId }),
              ...(region ? { region } : {}),
            },
            evidence: [armEvidence(compute.id, "properties.properties.errors", words)],
            ...(isLimit && cores ? { as: "warning" as const } : {}),
          }),
        ];
      });
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: managed[0]?.id ?? "computes" });
  },
});
