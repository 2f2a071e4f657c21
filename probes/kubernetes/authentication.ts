import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online-auth";

/** Kubernetes endpoints know keys and Azure Machine Learning tokens; Entra ID tokens are for managed endpoints only. */
export default defineProbe({
  id: "kubernetes/authentication",
  title: "The Kubernetes endpoint authenticates in a way that it supports",
  layer: "endpoint",
  docs: [docs],
  needs: { endpoints: onlineEndpoints },
  reasons: {
    "k8s-aad-token-auth-unsupported": reason<{ endpointId: string }>({
      severity: "error",
      title: "The Kubernetes endpoint asks for Entra ID tokens, which only managed endpoints support",
      detail: () => "properties.authMode is AADToken, expected Key or AMLToken.",
      fix: ({ endpointId }) => ({
        summary: "Choose key or AMLToken authentication for the endpoint (auth_mode in its YAML file)",
        commands: [azRest("get", endpointId, apiVersions.machineLearning)],
        warning: "Reading the keys is a call to Azure Resource Manager, over its public address.",
        verify: [`${azRest("get", endpointId, apiVersions.machineLearning).text} --query properties.authMode`],
        docs,
      }),
    }),
  },
  judge({ endpoints }, say) {
    const own = endpoints.filter(onKubernetes);
    if (own.length === 0) return say.skip("no online endpoint runs on Kubernetes");
    return own.map(({ endpoint: { id, properties } }): Verdict => {
      const evidence = [
        armEvidence(id, "properties.authMode", properties.authMode ?? undefined, "Key or AMLToken"),
        armEvidence(id, "properties.compute", properties.compute ?? undefined),
      ];
      return sameText(properties.authMode, "AADToken")
        ? say.found("k8s-aad-token-auth-unsupported", { subject: id, data: { endpointId: id }, evidence })
        : say.pass(undefined, { subject: id, evidence });
    });
  },
});
