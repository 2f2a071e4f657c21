import { sameId } from "../../src/model/arm-id.ts";
import { showLogs } from "../../src/model/deployment-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes";

interface Limited {
  readonly endpointId: string;
  readonly deploymentId?: string;
}

const show = (id: string): string => azRest("get", id, apiVersions.machineLearning).text;

/** Limits that an answer shows: time, rate and bandwidth. None of them is network isolation. */
export default defineProbe({
  id: "scoring/limits",
  title: "Scoring requests stay within the limits of time, rate and bandwidth",
  layer: "endpoint",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"],
  needs: { endpoints: onlineEndpoints, answers: scoringAnswers },
  advisory: true,
  reasons: {
    "scoring-408-request-timeout": reason<Limited>({
      severity: "warning",
      title: "The model takes longer than the request timeout",
      fix: ({ endpointId, deploymentId }) => ({
        summary: "Raise the deployment's request timeout (90 seconds here; 180 at most), or make the model faster",
        commands:
          deploymentId === undefined
            ? [azRest("get", `${endpointId}/deployments`, apiVersions.machineLearning)]
            : [
                az(
                  "resource",
                  "update",
                  "--ids",
                  deploymentId,
                  "--api-version",
                  apiVersions.machineLearning,
                  "--set",
                  "properties.requestSettings.requestTimeout=PT90S",
                ),
                showLogs(deploymentId),
              ],
        warning:
          "A model that waits for a host it cannot reach shows in the same way: read the log for calls that time out.",
        verify: [`${show(deploymentId ?? endpointId)} --query properties.requestSettings`],
        docs,
      }),
      causedBy: ["mn-outbound-rule-missing", "dep-egress-disabled-foreign-target"],
    }),
    "scoring-429-throttled": reason<Limited>({
      severity: "warning",
      title: "The endpoint throttles requests",
      fix: ({ endpointId, deploymentId }) => ({
        summary: "Send fewer requests at a time and retry with growing pauses; or give the deployment more instances",
        commands: [azRest("get", deploymentId ?? endpointId, apiVersions.machineLearning)],
        verify: [`${show(deploymentId ?? endpointId)} --query sku.capacity`],
        docs,
      }),
    }),
    "scoring-bandwidth-throttled": reason<Limited>({
      severity: "warning",
      title: "The endpoint's bandwidth limit delays requests",
      fix: ({ endpointId }) => ({
        summary: "Send smaller bodies, or request a higher bandwidth limit for the endpoint",
        commands: [azRest("get", endpointId, apiVersions.machineLearning)],
        verify: [show(endpointId)],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas",
      }),
    }),
  },
  judge({ endpoints, answers }, say) {
    const found = answers.flatMap((answer) => {
      const at = endpoints.find(({ endpoint }) => sameId(endpoint.id, answer.endpointId));
      const name = answer.headers["azureml-model-deployment"] ?? answer.deployment;
      const deployment =
        at && name !== undefined
          ? (valueOf(at.deployments) ?? []).find((each) => sameText(each.name, name))
          : undefined;
      const delays = Object.entries(answer.headers).filter(
        ([header, value]) => /^ms-azureml-bandwidth-.*-delay-ms$/.test(header) && Number(value) > 0,
      );
      const what = {
        subject: deployment?.id ?? answer.endpointId,
        about: [answer.fqdn, answer.endpointId],
        data: { endpointId: answer.endpointId, ...(deployment === undefined ? {} : { deploymentId: deployment.id }) },
        evidence: [
          {
            kind: "http" as const,
            source: `${answer.asked === "anonymous" ? "GET" : "POST"} ${answer.fqdn} at ${answer.address}:443`,
            observed: [`${answer.status}`, ...delays.map(([header, value]) => `${header}: ${value}`)].join(", "),
          },
          ...(deployment === undefined
            ? []
            : [
                armEvidence(
                  deployment.id,
                  "properties.requestSettings",
                  deployment.properties.requestSettings ?? undefined,
                ),
              ]),
        ],
      };
      if (answer.status === 408) return [say.found("scoring-408-request-timeout", what)];
      if (answer.status === 429) return [say.found("scoring-429-throttled", what)];
      return delays.length > 0 ? [say.found("scoring-bandwidth-throttled", what)] : [];
    });
    return found.length > 0 ? found : say.pass();
  },
});
