import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
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
}

const missingRules = /network security group[^]*\bmissing the following rules\b/i;
const policyOrLock =
  /RequestDisallowedByPolicy|ScopeLocked|PublicIPCountLimitReached|(?:NetworkSecurityGroup|LoadBalancer|PublicIP)s?\w*(?:Quota|Limit)\w*/i;

/** The line of a compute's errors that has this shape. */
function errorLike(compute: Compute, shape: RegExp): string | undefined {
  return computeErrors(compute).find((line) => shape.test(line));
}

function showCompute(id: string): string {
  return azRest("get", id, apiVersions.machineLearning).text;
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
        verify: [`${showCompute(computeId)} --query properties.properties.errors`],
        docs,
      }),
      causedBy: ["nsg-outbound-required-tags-missing", "cmp-inbound-ports-blocked"],
    }),
    "cmp-policy-lock-quota": reason<Refusal>({
      severity: "error",
      title: "A policy, a lock or a network quota stops a compute",
      detail: ({ words }) => `The service says: ${words}`,
      fix({ computeId, networkId, region }) {
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
          verify: [`${showCompute(computeId)} --query properties.provisioningState`],
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
      const kinds = [
        ["cmp-subnet-nsg-missing-rules", missingRules],
        ["cmp-policy-lock-quota", policyOrLock],
      ] as const;
      return kinds.flatMap(([id, shape]) => {
        const words = errorLike(compute, shape);
        if (words === undefined) return [];
        const region = compute.properties.computeLocation ?? compute.location;
        return [
          say.found(id, {
            subject: compute.id,
            about: id === "cmp-subnet-nsg-missing-rules" ? about : [],
            data: {
              computeId: compute.id,
              words,
              ...(groupId === undefined ? {} : { groupId }),
              ...(subnetId === undefined ? {} : { networkId: subnetId }),
              ...(region ? { region } : {}),
            },
            evidence: [armEvidence(compute.id, "properties.properties.errors", words)],
          }),
        ];
      });
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: managed[0]?.id ?? "computes" });
  },
});
