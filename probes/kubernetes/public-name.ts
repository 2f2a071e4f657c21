import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-inferencing-environment";

/**
 * "Using a private AKS cluster with a public FQDN isn't supported with Azure Machine Learning." Decided on what the
 * cluster says, never on a default: the flag's default depends on how the cluster was built.
 */
export default defineProbe({
  id: "kubernetes/public-name",
  title: "The private AKS cluster has no public name",
  layer: "control-plane",
  docs: [docs],
  needs: { clusters: kubernetesClusters },
  reasons: {
    "k8s-private-aks-public-fqdn": reason<{ clusterId: string; fqdn: string }>({
      severity: "error",
      title: "The private AKS cluster also publishes a public name, which Azure Machine Learning does not support",
      detail: ({ fqdn }) =>
        `The API server is private, and its public name ${fqdn || "(enablePrivateClusterPublicFQDN is true)"} exists; expected none.`,
      fix: ({ clusterId }) => ({
        summary: "Take the cluster's public name away (--disable-public-fqdn)",
        commands: [az("aks", "update", ...inGroup(clusterId), "--disable-public-fqdn")],
        warning:
          "Whoever uses the public name now needs the cluster's private DNS zone (privatelink.REGION.azmk8s.io, or one of your own) to resolve the API server.",
        takesEffect: "Some minutes",
        verify: [
          az(
            "aks",
            "show",
            ...inGroup(clusterId),
            "--query",
            "{private:apiServerAccessProfile.enablePrivateCluster, publicName:fqdn}",
          ).text,
        ],
        docs,
      }),
    }),
  },
  judge({ clusters }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map(({ id, name, topics, managed }): Verdict => {
      if (managed.is === "gap")
        return say.unknown(managed, { subject: id, consequence: `Whether ${name} has a public name` });
      if (managed.is === "absent") return say.skip("it is no AKS cluster, or it is gone", id);
      const { apiServerAccessProfile: access, fqdn } = managed.value.properties;
      if (access?.enablePrivateCluster !== true) return say.skip("the cluster's API server is not private", id);
      const evidence = [
        armEvidence(id, "properties.apiServerAccessProfile.enablePrivateCluster", true),
        armEvidence(
          id,
          "properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN",
          access.enablePrivateClusterPublicFQDN ?? undefined,
          "false",
        ),
        armEvidence(id, "properties.fqdn", fqdn ?? undefined, "absent"),
      ];
      const isPublic =
        access.enablePrivateClusterPublicFQDN === true ||
        (access.enablePrivateClusterPublicFQDN !== false && Boolean(fqdn));
      if (!isPublic) return say.pass(undefined, { subject: id, evidence });
      return say.found("k8s-private-aks-public-fqdn", {
        subject: id,
        about: topics,
        data: { clusterId: id, fqdn: fqdn ?? "" },
        evidence,
      });
    });
  },
});
