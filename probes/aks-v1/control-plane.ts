import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet";

/**
 * Azure Machine Learning never makes a private cluster: one that it made, or that was attached as it was, has its API
 * server on the internet although the workspace is private. A cluster that lets in listed addresses only is a design.
 */
export default defineProbe({
  id: "aks-v1/control-plane",
  title: "The API server of the v1 cluster of a private workspace is not open to everybody",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/aks/private-clusters"],
  needs: { clusters: kubernetesClusters, workspace },
  consequence: "Whether the API server of a v1 cluster is on the internet",
  advisory: true,
  reasons: {
    "aksv1-private-cluster-create-then-attach": reason<{ clusterId: string; fqdn: string }>({
      severity: "warning",
      title: "The v1 cluster of a private workspace has its API server on the internet",
      detail: ({ fqdn }) =>
        `The API server answers everybody at ${fqdn}; the workspace's publicNetworkAccess is Disabled.`,
      fix: ({ clusterId }) => ({
        summary:
          "Create a private cluster with AKS itself in the workspace's network, install the Azure Machine Learning extension there, and attach it; until then, limit who reaches this API server",
        commands: [
          az(
            "aks",
            "show",
            ...inGroup(clusterId),
            "--query",
            "{apiServer:apiServerAccessProfile, subnets:agentPoolProfiles[].vnetSubnetId, identity:identity}",
          ),
        ],
        warning:
          "A public cluster is not made private in place without API Server VNet Integration: plan a new one (az aks create --enable-private-cluster). The studio cannot do it: in a private workspace its form leaves the network field greyed out, which is no fault. Authorized address ranges must hold the addresses that Azure Machine Learning comes from.",
        verify: [
          az("aks", "show", ...inGroup(clusterId), "--query", "apiServerAccessProfile.enablePrivateCluster").text,
        ],
        docs,
      }),
      rivals: ["k8s-private-aks-public-fqdn"],
    }),
  },
  judge({ clusters, workspace: space }, say) {
    const legacy = clusters.filter(({ isLegacy }) => isLegacy);
    if (legacy.length === 0) return say.skip("no AKS compute of v1 is attached");
    if (!sameText(space.properties.publicNetworkAccess, "Disabled")) return say.skip("the workspace is not private");
    return legacy.map(({ id, managed }): Verdict => {
      if (managed.is === "gap") return say.unknown(managed, { subject: id, matters: false });
      const cluster = valueOf(managed);
      if (cluster === undefined) return say.skip("the cluster is gone", id);
      const { fqdn, privateFQDN, apiServerAccessProfile: access } = cluster.properties;
      const evidence = [
        armEvidence(id, "properties.apiServerAccessProfile", access ?? undefined, "enablePrivateCluster: true"),
        armEvidence(id, "properties.fqdn", fqdn ?? undefined),
      ];
      // A cluster whose profile is absent is judged by its names: a private one has a private name.
      const isPublic = access?.enablePrivateCluster !== true && Boolean(fqdn) && !privateFQDN;
      if (!isPublic || (access?.authorizedIPRanges ?? []).length > 0)
        return say.pass(undefined, { subject: id, evidence });
      return say.found("aksv1-private-cluster-create-then-attach", {
        subject: id,
        about: [space.id],
        data: { clusterId: id, fqdn: fqdn ?? "" },
        evidence: [
          ...evidence,
          armEvidence(space.id, "properties.publicNetworkAccess", space.properties.publicNetworkAccess ?? undefined),
        ],
        ruledOut: [{ id: "k8s-private-aks-public-fqdn", by: "the API server is not private at all" }],
      });
    });
  },
});
