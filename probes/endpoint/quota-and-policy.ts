import { armEvidence } from "../../src/model/evidence.ts";
import { showLogs, showState, showUsages, tryAgain } from "../../src/model/deployment-commands.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-outofquota";

interface Blocked {
  readonly deploymentId: string;
  readonly stage: string;
  readonly words: readonly string[];
  readonly location?: string;
}

/** Quota and policy stop a deployment before any network is touched; the service says which of them it was. */
export default defineProbe({
  id: "endpoint/quota-and-policy",
  title: "No deployment was refused for quota or by a policy",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"],
  needs: { failures: deploymentFailures, endpoints: onlineEndpoints },
  consequence: "Whether quota or a policy stopped a deployment",
  reasons: {
    "oe-policy-or-quota-blocked": reason<Blocked>({
      severity: "error",
      title: "Quota or a policy stops the deployment",
      detail: ({ words }) => `The service says: ${words.join(" · ")}. This is no network fault.`,
      fix: ({ deploymentId, stage, location }) => {
        const subscription = parseArmId(deploymentId)?.subscriptionId ?? "";
        return stage === "policy"
          ? {
              summary:
                "Find the policy assignment that refuses the deployment, have it changed or exempted, then start the deployment again",
              commands: [
                az(
                  "policy",
                  "assignment",
                  "list",
                  "--scope",
                  deploymentId.split("/providers/")[0] ?? deploymentId,
                  "--disable-scope-strict-match",
                ),
                tryAgain(deploymentId),
              ],
              verify: [showState(deploymentId)],
              docs,
            }
          : {
              summary:
                "See which quota is used up; free some (a smaller instance type, fewer instances, deployments that are no longer used) or request an increase, then start the deployment again",
              commands: [
                ...(location === undefined ? [] : [showUsages(subscription, location)]),
                showLogs(deploymentId),
                tryAgain(deploymentId),
              ],
              warning:
                "The service keeps 20 percent of the cores back for upgrades on most instance types. Trying again without a change does not help.",
              verify: [showState(deploymentId)],
              docs,
            };
      },
    }),
  },
  judge({ failures, endpoints }, say) {
    const blocked = failures.filter(({ stage }) => stage === "quota" || stage === "policy");
    if (blocked.length === 0) return say.pass();
    return blocked.map(({ deploymentId, endpointId, stage, words, provisioningState }) => {
      const location =
        endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId))?.endpoint.location ?? undefined;
      return say.found("oe-policy-or-quota-blocked", {
        subject: deploymentId,
        about: [endpointId],
        data: { deploymentId, stage, words, ...(location === undefined ? {} : { location }) },
        evidence: [
          ...words.map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
          armEvidence(deploymentId, "properties.provisioningState", provisioningState, "Succeeded"),
        ],
      });
    });
  },
});
