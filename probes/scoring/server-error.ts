import { apiVersions } from "../../src/model/api-versions.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes";

/** 5xx at the address that a client meets. An HTTP status is never a connect timeout: the path works. */
export default defineProbe({
  id: "scoring/server-error",
  title: "No scoring address answers 5xx",
  layer: "endpoint",
  docs: [docs],
  needs: { answers: scoringAnswers },
  consequence: "Whether the scoring addresses answer with errors of the server",
  advisory: true,
  reasons: {
    "scoring-500-502-503-504": reason<{ endpointId: string; status: number; kubernetes: boolean }>({
      severity: "error",
      title: "The scoring address answers with a server error",
      detail: ({ status, kubernetes }) =>
        `It answers ${status}. ${kubernetes ? "On Kubernetes 502 is a crash of the model's container, 503 too few replicas, 504 the request timeout." : "On a managed endpoint 500 is a fault of the platform or of the model behind it."}`,
      fix: ({ endpointId }) => ({
        summary:
          "Read the logs of the endpoint's deployments; mend score.py, add instances or raise the request timeout as they tell",
        commands: [azRest("get", `${endpointId}/deployments`, apiVersions.machineLearning)],
        verify: [`${azRest("get", endpointId, apiVersions.machineLearning).text} --query properties.provisioningState`],
        docs,
      }),
      causedBy: [
        "scoring-424-model-error",
        "k8s-incluster-ports-blocked",
        "dep-container-startup-failed",
        "k8s-cluster-stopped",
        "k8s-extension-unhealthy",
        "k8s-image-pull-failure",
        "k8s-azureml-fe-unhealthy",
        "k8s-cluster-not-reachable",
        "k8s-token-fetch-failed",
        "k8s-capacity-or-quota",
        "k8s-namespace-or-compute-invalid",
      ],
    }),
  },
  judge({ answers }, say) {
    const met = answers.filter(
      ({ status, resolved, deployment }) => status >= 500 && resolved && deployment === undefined,
    );
    const one = met.filter(
      ({ endpointId, asked }, index) =>
        met.findIndex((each) => each.endpointId === endpointId && each.asked === asked) === index,
    );
    if (one.length === 0) return say.pass();
    return one.map(({ endpointId, fqdn, address, asked, status, body, kubernetes }) =>
      say.found("scoring-500-502-503-504", {
        subject: endpointId,
        about: [fqdn],
        data: { endpointId, status, kubernetes },
        evidence: [
          {
            kind: "http",
            source: `${asked === "anonymous" ? "GET" : "POST"} ${fqdn} at ${address}:443`,
            observed: `${status} ${body}`.trim(),
            expected: asked === "anonymous" ? "401" : "200",
          },
        ],
        ...(asked === "anonymous" ? { as: "warning" as const } : {}),
      }),
    );
  },
});
