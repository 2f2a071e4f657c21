import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-inferencing-environment";

/** `East US 2` and `eastus2` are one region. */
function region(location: string | null | undefined): string {
  return (location ?? "").toLowerCase().replaceAll(" ", "");
}

/** "With a private endpoint for the workspace, the AKS cluster must be in the same region." Without one, it need not. */
export default defineProbe({
  id: "kubernetes/region",
  title: "The AKS cluster is in the region of the private workspace",
  layer: "control-plane",
  docs: [docs],
  needs: { clusters: kubernetesClusters, workspace },
  reasons: {
    "k8s-region-mismatch": reason<{ cluster: string; clusterId: string; is: string; wanted: string }>({
      severity: "error",
      title: "The workspace has a private endpoint and the AKS cluster is in another region",
      detail: ({ cluster, is, wanted }) => `${cluster} is in ${is}, expected ${wanted}, the workspace's region.`,
      fix: ({ clusterId, wanted }) => ({
        summary: `Build a cluster in ${wanted}, install the Azure Machine Learning extension there, and attach it; take the present one's settings as the model`,
        commands: [
          az(
            "aks",
            "show",
            ...inGroup(clusterId),
            "--query",
            "{sku:sku, pools:agentPoolProfiles, network:networkProfile, api:apiServerAccessProfile}",
          ),
        ],
        warning:
          "A cluster's region cannot be changed. The general page on attaching clusters speaks of other regions; that does not hold for a workspace with a private endpoint.",
        verify: [az("aks", "show", ...inGroup(clusterId), "--query", "location").text],
        docs,
      }),
    }),
  },
  judge({ clusters, workspace: { id: workspaceId, location, properties } }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    const connections = properties.privateEndpointConnections ?? [];
    if (connections.length === 0)
      return say.skip("the workspace has no private endpoint, so the cluster may be in any region");
    return clusters.map(({ id, name, topics, managed }): Verdict => {
      if (managed.is === "gap")
        return say.unknown(managed, { subject: id, consequence: `Whether ${name} is in the workspace's region` });
      if (managed.is === "absent") return say.skip("it is no AKS cluster, or it is gone", id);
      const [is, wanted] = [region(managed.value.location), region(location)];
      const evidence = [
        armEvidence(id, "location", managed.value.location ?? undefined, wanted),
        armEvidence(workspaceId, "location", location ?? undefined),
      ];
      if (is === "" || wanted === "" || is === wanted) return say.pass(undefined, { subject: id, evidence });
      return say.found("k8s-region-mismatch", {
        subject: id,
        about: topics,
        data: { cluster: name, clusterId: id, is, wanted },
        evidence: [
          ...evidence,
          armEvidence(
            workspaceId,
            "properties.privateEndpointConnections",
            connections.map(({ id: connection }) => connection.split("/").at(-1)),
          ),
        ],
      });
    });
  },
});
