import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";
import { target } from "../../src/facts/target.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes";

/** 404 at a managed scoring address: the host is right and the path works; no deployment has a positive weight. On
 * Kubernetes a 404 has other reasons too, which its own checks name. */
export default defineProbe({
  id: "scoring/not-found",
  title: "No scoring address answers 404, and the deployment that was asked for exists",
  layer: "endpoint",
  docs: [docs],
  needs: { target, endpoints: onlineEndpoints, answers: scoringAnswers },
  consequence: "Whether the endpoint routes requests to a deployment",
  advisory: true,
  reasons: {
    "scoring-404-no-positive-weight": reason<{ endpointId: string; weights: string }>({
      severity: "error",
      title: "The scoring address answers 404: the endpoint routes the request to no deployment",
      detail: ({ weights }) =>
        `The endpoint's traffic is ${weights}. The answer itself shows that names, path and TLS work.`,
      fix: ({ endpointId }) => ({
        summary: "Give a deployment a positive weight",
        commands: [azRest("get", `${endpointId}/deployments`, apiVersions.machineLearning)],
        verify: [`${azRest("get", endpointId, apiVersions.machineLearning).text} --query properties.traffic`],
        docs,
      }),
      causedBy: ["oe-traffic-unassigned", "oe-create-failed"],
    }),
    "scoring-wrong-deployment-header": reason<{ endpointId: string; name: string; known: readonly string[] }>({
      severity: "warning",
      title: "The endpoint has no deployment of that name",
      detail: ({ name, known }) =>
        `A request with azureml-model-deployment: ${name} is answered 404; the endpoint's deployments are ${known.length === 0 ? "none" : known.join(", ")}.`,
      fix: ({ endpointId }) => ({
        summary: "Name a deployment that exists, or leave the header out so that the weights decide",
        commands: [azRest("get", `${endpointId}/deployments`, apiVersions.machineLearning)],
        verify: [
          `${azRest("get", `${endpointId}/deployments`, apiVersions.machineLearning).text} --query value[].name`,
        ],
        docs: "https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online",
      }),
    }),
  },
  judge({ target: { endpoint: wantedEndpoint, deployment: wanted }, endpoints, answers }, say) {
    const named = endpoints.find(
      ({ endpoint }) => wantedEndpoint !== undefined && sameText(endpoint.name, wantedEndpoint),
    );
    const known = named && valueOf(named.deployments);
    const missing =
      named && known && known.length > 0 && wanted !== undefined && !known.some(({ name }) => sameText(name, wanted));
    const headers = missing
      ? [
          say.found("scoring-wrong-deployment-header", {
            subject: named.endpoint.id,
            data: { endpointId: named.endpoint.id, name: wanted, known: known.map(({ name }) => name) },
            evidence: [
              armEvidence(
                named.endpoint.id,
                "deployments",
                known.map(({ name }) => name),
                wanted,
              ),
            ],
          }),
        ]
      : [];
    const met = answers.filter(
      ({ status, resolved, deployment, kubernetes, asked }) =>
        status === 404 && resolved && deployment === undefined && !(kubernetes && asked === "anonymous"),
    );
    const found = met
      .filter(({ endpointId }, index) => met.findIndex((answer) => answer.endpointId === endpointId) === index)
      .map(({ endpointId, fqdn, address, asked, body }) => {
        const traffic =
          endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId))?.endpoint.properties.traffic ?? {};
        const weighted = Object.values(traffic).some((weight) => weight > 0);
        const at = endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId));
        const empty = at?.deployments.is === "value" && at.deployments.value.length === 0;
        return say.found("scoring-404-no-positive-weight", {
          subject: endpointId,
          about: [fqdn],
          data: { endpointId, weights: JSON.stringify(traffic) },
          evidence: [
            {
              kind: "http",
              source: `${asked === "anonymous" ? "GET" : "POST"} ${fqdn} at ${address}:443`,
              observed: `404 ${body}`.trim(),
            },
            armEvidence(endpointId, "properties.traffic", traffic, "a deployment with a positive weight"),
          ],
          // With a positive weight the answer contradicts the endpoint's own state, and without a deployment it is what an
          // endpoint says that has nothing to answer with: shown, and not called a cause.
          ...(weighted
            ? {
                as: "warning" as const,
                inferredFrom: "the answer alone; the endpoint does send its traffic to a deployment",
              }
            : empty
              ? { as: "warning" as const }
              : {}),
        });
      });
    const all = [...headers, ...found];
    return all.length > 0 ? all : say.pass();
  },
});
