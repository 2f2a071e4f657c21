import { armEvidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { clusterRoles } from "../../src/facts/cluster-roles.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet";

/**
 * Whether the cluster's identity has any role on the subnet of its nodes, without which an internal load balancer never
 * gets an address. An error for clusters attached the v1 way only: elsewhere the load balancer's own events say better
 * whether a right is missing, and a group may have given it, which Azure does not list here.
 */
export default defineProbe({
  id: "aks-v1/network-role",
  title: "The AKS identity has a role on the network of its nodes",
  layer: "identity",
  docs: [docs],
  needs: { clusters: kubernetesClusters, roles: clusterRoles },
  reasons: {
    "aksv1-network-contributor-missing": reason<{ principalId: string; subnet: string }>({
      severity: "error",
      title: "The AKS identity has no role on the network of its nodes",
      detail: ({ principalId, subnet }) =>
        `No role assignment of ${principalId} reaches ${subnet}, expected Network Contributor.`,
      fix: ({ principalId, subnet }) => ({
        summary: "Give the cluster's identity the role Network Contributor on the subnet",
        commands: [
          az(
            "role",
            "assignment",
            "create",
            "--assignee-object-id",
            principalId,
            "--assignee-principal-type",
            "ServicePrincipal",
            "--role",
            "Network Contributor",
            "--scope",
            subnet,
          ),
        ],
        warning:
          "Whoever runs this needs Microsoft.Authorization/roleAssignments/write. The scope is the network's subnet (or its resource group), not that of AKS.",
        takesEffect: "Some minutes",
        verify: [`az role assignment list --assignee ${principalId} --scope ${subnet} --include-inherited`],
        docs,
      }),
    }),
  },
  judge({ clusters, roles }, say) {
    if (roles.length === 0) return say.skip("no cluster with a network of yours and an identity is attached");
    return roles.flatMap(({ clusterId, principalId, subnets }): Verdict[] => {
      const cluster = clusters.find(({ id }) => sameId(id, clusterId));
      return subnets.map(({ id, is }): Verdict => {
        if (is.is === "gap")
          return say.unknown(is, {
            subject: id,
            consequence: "Whether the AKS identity may use its network",
            matters: false,
          });
        const all = is.is === "value" ? is.value : [];
        if (all.length > 0) return say.pass(undefined, { subject: id });
        return say.found("aksv1-network-contributor-missing", {
          subject: clusterId,
          about: [id, ...(cluster?.topics ?? [])],
          data: { principalId, subnet: id },
          evidence: [armEvidence(id, `roleAssignments of ${principalId}`, "none", "Network Contributor")],
          inferredFrom: "the list of role assignments, which does not show what a group gives",
          ...(cluster?.isLegacy === true && cluster.isOpen ? {} : { as: "warning" as const }),
        });
      });
    });
  },
});
