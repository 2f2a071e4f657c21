import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes";

interface Unassigned {
  readonly endpointId: string;
  readonly name: string;
  readonly deployment: string;
  readonly ready: boolean;
}

/** A new deployment gets no traffic unless it is given some. An endpoint without deployments has none to give it to, and is
 * not a fault; mirrored traffic answers nobody. */
export default defineProbe({
  id: "endpoint/traffic",
  title: "Every online endpoint sends its traffic to a deployment",
  layer: "endpoint",
  docs: [docs],
  needs: { endpoints: onlineEndpoints },
  consequence: "Whether a deployment receives the endpoint's traffic",
  reasons: {
    "oe-traffic-unassigned": reason<Unassigned>({
      severity: "error",
      title: "No deployment of the endpoint receives traffic",
      detail: ({ ready, deployment }) =>
        ready
          ? `Every request is answered 404, although deployment ${deployment} is ready.`
          : `Every request is answered 404; deployment ${deployment} is not ready to take traffic.`,
      fix: ({ endpointId, deployment, ready }) => ({
        summary: ready
          ? `Send the traffic to deployment ${deployment}`
          : `Bring deployment ${deployment} up first, then send the traffic to it`,
        commands: [
          az(
            "resource",
            "update",
            "--ids",
            endpointId,
            "--api-version",
            apiVersions.machineLearning,
            "--set",
            `properties.traffic=${JSON.stringify({ [deployment]: 100 })}`,
          ),
        ],
        warning:
          "Weights are percentages and sum to 100 or are all 0. A tool that sends the endpoint's whole definition again can empty them: put the traffic into that definition too.",
        takesEffect: "within a few minutes",
        verify: [`${azRest("get", endpointId, apiVersions.machineLearning).text} --query properties.traffic`],
        docs,
      }),
      causedBy: [
        "oe-policy-or-quota-blocked",
        "dep-provisioning-failed",
        "dep-unable-download-image",
        "dep-unable-download-model",
        "dep-container-startup-failed",
        "dep-image-build-failed-private-acr",
        "dep-image-build-timeout",
        "dep-update-conflict-or-cancelled",
        "dep-secrets-injection-failed",
        "dep-managed-network-not-ready",
        "dep-internal-server-error",
        "dep-egress-flag-with-managed-vnet",
        "dep-mlflow-nocode-with-legacy-egress",
        "k8s-cluster-stopped",
        "k8s-extension-unhealthy",
        "dep-identity-missing-roles",
        "acr-identity-missing-acrpull",
        "k8s-image-pull-failure",
        "k8s-azureml-fe-unhealthy",
        "k8s-cluster-not-reachable",
        "k8s-token-fetch-failed",
        "k8s-capacity-or-quota",
        "k8s-namespace-or-compute-invalid",
        "k8s-cluster-dns-broken",
        "aksv1-dns-required-hosts",
        "k8s-egress-blocked",
      ],
      rivals: ["scoring-wrong-deployment-header"],
    }),
  },
  judge({ endpoints }, say) {
    if (endpoints.length === 0) return say.skip("the workspace has no online endpoints");
    return endpoints.map(({ endpoint, deployments }) => {
      if (deployments.is === "gap") return say.unknown(deployments, { subject: endpoint.id });
      const all = valueOf(deployments) ?? [];
      if (all.length === 0) return say.skip("nothing is deployed yet", endpoint.id);
      const { traffic, provisioningState } = endpoint.properties;
      // The service writes an empty object where no weight is set: an answer without it has not said so.
      if (traffic === undefined && !provisioningState)
        return say.unknown("the answer about the endpoint says nothing of its traffic", { subject: endpoint.id });
      const weights = traffic ?? {};
      const weighted = all.filter(({ name }) =>
        Object.entries(weights).some(([to, weight]) => sameText(to, name) && weight > 0),
      );
      const evidence = [armEvidence(endpoint.id, "properties.traffic", weights, "a deployment with a positive weight")];
      if (weighted.length > 0)
        return say.pass(undefined, {
          subject: endpoint.id,
          evidence: [armEvidence(endpoint.id, "properties.traffic", weights)],
        });
      const ready = all.find(({ properties }) => sameText(properties.provisioningState, "Succeeded"));
      const failed = all.find(({ properties }) => /^(?:failed|cancell?ed)$/i.test(properties.provisioningState ?? ""));
      const first = ready ?? failed;
      if (first === undefined) return say.skip("its deployments are still being created", endpoint.id);
      return say.found("oe-traffic-unassigned", {
        subject: endpoint.id,
        // Where a deployment is ready, the empty weights are the fault themselves: a second one that failed is no cause.
        about: ready === undefined ? all.map(({ id }) => id) : [],
        data: { endpointId: endpoint.id, name: endpoint.name, deployment: first.name, ready: ready !== undefined },
        ...(traffic === undefined
          ? {
              confidence: "likely" as const,
              inferredFrom: "an answer that leaves the traffic out; where no weight is set, the service writes {}",
            }
          : {}),
        evidence: [
          ...evidence,
          armEvidence(first.id, "properties.provisioningState", first.properties.provisioningState ?? undefined),
        ],
        ruledOut: [
          { id: "scoring-wrong-deployment-header", by: "the weights are empty whatever header a caller sends" },
        ],
      });
    });
  },
});
