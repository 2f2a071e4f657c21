import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-anywhere";

/** Settings of cluster and workspace that are known to disappoint: remarks, none of them a fault by itself. */
export default defineProbe({
  id: "kubernetes/cluster-configuration",
  title: "The cluster is set up in a way that Azure Machine Learning supports",
  layer: "control-plane",
  docs: [docs],
  advisory: true,
  needs: { clusters: kubernetesClusters, workspace: networkHome },
  reasons: {
    "k8s-unsupported-cluster-config": reason<{ clusterId: string }>({
      severity: "warning",
      title: "The cluster acts as a service principal, which the extension does not support",
      fix: ({ clusterId }) => ({
        summary: "Give the cluster a managed identity",
        commands: [az("aks", "update", ...inGroup(clusterId), "--enable-managed-identity")],
        warning: "It takes effect for a node pool when the pool is upgraded.",
        verify: [az("aks", "show", ...inGroup(clusterId), "--query", "identity.type").text],
        docs,
      }),
    }),
    "k8s-managed-vnet-not-supported": reason<{ mode: string }>({
      severity: "warning",
      title: "The workspace's managed network does not cover Kubernetes computes",
      detail: ({ mode }) =>
        `managedNetwork.isolationMode is ${mode}; the cluster's traffic stays in its own network and follows none of its rules.`,
      fix: () => ({
        summary:
          "Secure the cluster's way in its own network: private endpoints there or in a peered network, and a firewall for what stays public",
        commands: [],
        verify: ["kubectl get pods --namespace azureml"],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
      }),
    }),
  },
  judge({ clusters, workspace: { id: workspaceId, properties } }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    const mode = properties.managedNetwork?.isolationMode;
    const isManaged = sameText(mode, "AllowInternetOutbound") || sameText(mode, "AllowOnlyApprovedOutbound");
    return clusters.flatMap(({ id, managed }): Verdict[] => {
      const verdicts: Verdict[] = isManaged
        ? [
            say.found("k8s-managed-vnet-not-supported", {
              subject: id,
              data: { mode: mode ?? "" },
              evidence: [armEvidence(workspaceId, "properties.managedNetwork.isolationMode", mode ?? undefined)],
            }),
          ]
        : [];
      if (managed.is === "gap")
        return [
          ...verdicts,
          say.unknown(managed, {
            subject: id,
            consequence: "Whether the cluster's set-up is supported",
            matters: false,
          }),
        ];
      const clientId = managed.is === "value" ? managed.value.properties.servicePrincipalProfile?.clientId : undefined;
      if (clientId && !sameText(clientId, "msi"))
        verdicts.push(
          say.found("k8s-unsupported-cluster-config", {
            subject: id,
            data: { clusterId: id },
            evidence: [armEvidence(id, "properties.servicePrincipalProfile.clientId", clientId, "msi")],
          }),
        );
      return verdicts.length > 0 ? verdicts : [say.pass(undefined, { subject: id })];
    });
  },
});
