import { apiVersions } from "../../src/model/api-versions.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint";

/** 401 to a request without a key is how a sound endpoint answers; only a key that was given and refused is a fault. */
export default defineProbe({
  id: "scoring/unauthorized",
  title: "The scoring address accepts the caller's credential, or asks for one",
  layer: "endpoint",
  docs: [docs],
  needs: { endpoints: onlineEndpoints, answers: scoringAnswers },
  consequence: "Whether the caller's credential is accepted",
  advisory: true,
  reasons: {
    "scoring-401-unauthorized": reason<{ endpointId: string; authMode: string | undefined }>({
      severity: "error",
      title: "The endpoint refuses the credential that was sent",
      detail: ({ authMode }) =>
        `The endpoint's authMode is ${authMode ?? "not stated"}; the credential is of another kind, of another endpoint, expired or written wrongly.`,
      fix: ({ endpointId, authMode }) => ({
        summary: sameText(authMode, "AADToken")
          ? "Send a token of Entra ID, of an identity that may score"
          : "Send a current key or token of this endpoint",
        commands: sameText(authMode, "AADToken")
          ? [
              az("account", "get-access-token", "--resource", "https://ml.azure.com"),
              az("role", "assignment", "list", "--scope", endpointId, "--include-inherited"),
            ]
          : [
              azRest(
                "post",
                `${endpointId}/${sameText(authMode, "AMLToken") ? "token" : "listKeys"}`,
                apiVersions.machineLearning,
              ),
            ],
        warning: "The command prints a secret.",
        verify: [`${azRest("get", endpointId, apiVersions.machineLearning).text} --query properties.authMode`],
        docs,
      }),
      causedBy: ["rbac-score-action-missing"],
    }),
  },
  judge({ endpoints, answers }, say) {
    const refused = answers.filter(({ status, asked }) => status === 401 && asked === "scoring-authorized");
    if (refused.length > 0) {
      return refused.slice(0, 3).map(({ endpointId, fqdn, address, body }) => {
        const authMode =
          endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId))?.endpoint.properties.authMode ?? undefined;
        return say.found("scoring-401-unauthorized", {
          subject: endpointId,
          about: [fqdn],
          data: { endpointId, authMode },
          evidence: [
            {
              kind: "http",
              source: `POST ${fqdn} at ${address}:443, with a credential`,
              observed: `401 ${body}`.trim(),
              expected: "200",
            },
            armEvidence(endpointId, "properties.authMode", authMode),
          ],
        });
      });
    }
    const asks = answers.filter(({ status, resolved }) => status === 401 && resolved);
    if (asks.length === 0) return say.skip("no scoring address asked for a credential");
    return asks.slice(0, 3).map(({ fqdn, address, isPrivate, endpointId }) =>
      say.pass(
        `${fqdn} answers 401 without a key at ${address}${isPrivate ? ", its private address: the path to the endpoint works" : ", a public address: its front end answers"}`,
        {
          subject: endpointId,
          evidence: [{ kind: "http", source: `GET ${fqdn} at ${address}:443`, observed: "401" }],
        },
      ),
    );
  },
});
