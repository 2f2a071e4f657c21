import { setExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { publishedInsideOnly } from "../../src/facts/router-exposure.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension";

/** Whether the router is published outside the cluster at all: the extension's setting and the scoring URI together. */
export default defineProbe({
  id: "kubernetes/router-publication",
  title: "The router is published outside the cluster",
  layer: "transport",
  docs: [docs],
  needs: { clusters: kubernetesClusters },
  consequence: "Whether the router is published outside the cluster",
  reasons: {
    "k8s-clusterip-no-external-path": reason<{ address: string; type: string; extensionId: string }>({
      severity: "error",
      title: "The router is published inside the cluster only",
      detail: ({ type, address }) =>
        `inferenceRouterServiceType is ${type}, and the scoring URI holds ${address}; expected a load balancer.`,
      fix: ({ extensionId }) => ({
        summary: "Publish the router on an internal load balancer",
        commands: [
          setExtension(extensionId, {
            inferenceRouterServiceType: "LoadBalancer",
            internalLoadBalancerProvider: "azure",
          }),
        ],
        warning:
          "The service is made anew: the scoring address changes, and DNS has to follow. Where an ingress stands in front on purpose, point the scoring name at it instead.",
        verify: ["kubectl get service azureml-fe --namespace azureml --output wide"],
        docs,
      }),
    }),
  },
  judge({ clusters }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map((cluster): Verdict => {
      const { id, topics, isStopped } = cluster;
      if (isStopped) return say.skip("the cluster is stopped", id);
      const address = publishedInsideOnly(cluster);
      const extension = valueOf(cluster.extensions)?.[0];
      if (address === undefined || extension === undefined) return say.pass(undefined, { subject: id });
      const type = extension.properties.configurationSettings?.inferenceRouterServiceType ?? "";
      return say.found("k8s-clusterip-no-external-path", {
        subject: id,
        about: [...topics, extension.id],
        data: { address, type, extensionId: extension.id },
        evidence: [
          armEvidence(
            extension.id,
            "properties.configurationSettings.inferenceRouterServiceType",
            type,
            "LoadBalancer",
          ),
          {
            kind: "arm",
            source: "host of the scoring URI",
            observed: address,
            expected: "an address outside the cluster's serviceCidr",
          },
        ],
      });
    });
  },
});
