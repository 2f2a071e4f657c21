import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet";

/** Whether an AKS compute of v1 in a private workspace publishes its services inside the network only. */
export default defineProbe({
  id: "aks-v1/load-balancer-type",
  title: "The AKS compute of v1 uses an internal load balancer",
  layer: "transport",
  docs: [docs],
  needs: { attachments: kubernetesAttachments, workspace },
  reasons: {
    "aksv1-ilb-not-configured": reason<{ computeId: string; type: string }>({
      severity: "error",
      title: "The AKS compute of v1 in a private workspace publishes its services on a public load balancer",
      detail: ({ type }) => `loadBalancerType is ${type}, expected InternalLoadBalancer.`,
      fix: ({ computeId }) => ({
        summary:
          "Install the Azure Machine Learning extension with an internal load balancer (internalLoadBalancerProvider=azure), attach the cluster as a Kubernetes compute, and move the services to online endpoints there",
        commands: [azRest("get", computeId, apiVersions.machineLearning)],
        warning:
          "The address changes with the load balancer: scoring URIs, DNS and security group rules have to follow. The cluster's identity needs Network Contributor on the network. The v1 command line, which could change the type in place, is out of support.",
        verify: ["kubectl get service azureml-fe --namespace azureml --output wide"],
        docs,
      }),
      causedBy: ["aksv1-network-contributor-missing"],
    }),
  },
  judge({ attachments, workspace: { id, properties } }, say) {
    const legacy = attachments.filter(({ compute }) => sameText(compute.properties.computeType, "AKS"));
    if (legacy.length === 0) return say.skip("no AKS compute of v1 is attached");
    if (!sameText(properties.publicNetworkAccess, "Disabled")) return say.skip("the workspace is not private");
    return legacy.map(({ compute, clusterId }): Verdict => {
      const type = compute.properties.properties?.loadBalancerType;
      const evidence = [
        armEvidence(compute.id, "properties.properties.loadBalancerType", type ?? undefined, "InternalLoadBalancer"),
        armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess ?? undefined),
      ];
      if (!sameText(type, "PublicIp"))
        return say.pass(type ? undefined : "The compute does not say which load balancer it uses", {
          subject: compute.id,
          evidence,
        });
      return say.found("aksv1-ilb-not-configured", {
        subject: compute.id,
        about: [clusterId],
        data: { computeId: compute.id, type: type ?? "" },
        evidence,
      });
    });
  },
});
