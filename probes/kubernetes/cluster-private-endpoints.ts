import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { clusterPrivateEndpoints } from "../../src/facts/cluster-private-endpoints.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { linkConnections } from "../../src/facts/private-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-inferencing-environment";

interface Cut {
  readonly endpointId: string;
  readonly clusterId: string;
  readonly subnet: string;
  readonly status: string;
  readonly groupIds: readonly string[];
  readonly computeId: string;
}

/**
 * Private endpoints that the customer made to the cluster. A cluster that was stopped and started leaves them
 * disconnected: they have to be made again, and the compute attached anew.
 */
export default defineProbe({
  id: "kubernetes/cluster-private-endpoints",
  title: "The private endpoints to the AKS cluster are connected",
  layer: "control-plane",
  docs: [docs],
  needs: { clusters: kubernetesClusters, attachments: kubernetesAttachments, endpoints: clusterPrivateEndpoints },
  reasons: {
    "k8s-restarted-pe-recreate": reason<Cut>({
      severity: "error",
      title:
        "A private endpoint to the AKS cluster lost its connection and has to be made again (stop and start of the cluster)",
      detail: ({ endpointId, status }) =>
        `${endpointId.split("/").at(-1) ?? endpointId} is ${status}, expected Approved, while the cluster runs.`,
      fix: ({ endpointId, clusterId, subnet, groupIds, computeId }) => {
        const endpoint = parseArmId(endpointId);
        const where =
          endpoint === undefined
            ? []
            : [
                "--subscription",
                endpoint.subscriptionId,
                "--resource-group",
                endpoint.resourceGroup,
                "--name",
                endpoint.name,
              ];
        return {
          summary:
            "Delete the private endpoint to the cluster, make it again (recreate), then detach and attach the compute",
          commands: [
            azRest(
              "get",
              `${computeId.replace(/\/computes\/[^/]+$/i, "")}/onlineEndpoints`,
              apiVersions.machineLearning,
            ),
            az("network", "private-endpoint", "delete", ...where),
            az(
              "network",
              "private-endpoint",
              "create",
              ...where,
              "--subnet",
              subnet,
              "--private-connection-resource-id",
              clusterId,
              "--group-id",
              groupIds[0] ?? "management",
              "--connection-name",
              "aks",
            ),
          ],
          warning:
            "Detaching the compute takes what it manages out of the workspace: the first command lists the endpoints. Scoring may keep working while endpoints cannot be changed.",
          verify: [
            `az network private-endpoint show ${where.join(" ")} --query privateLinkServiceConnections[0].privateLinkServiceConnectionState.status`,
            `az ml compute attach (of ${computeId.split("/").at(-1) ?? ""}) succeeds`,
          ],
          docs,
        };
      },
      causedBy: ["k8s-cluster-stopped"],
    }),
  },
  judge({ clusters, attachments, endpoints }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.flatMap(({ id, topics }): Verdict[] => {
      const each = endpoints.find((one) => sameId(one.id, id));
      if (each?.is.is === "gap")
        return [
          say.unknown(each.is, {
            subject: id,
            consequence: "Whether private endpoints to the cluster are connected",
            matters: false,
          }),
        ];
      const own = each === undefined ? [] : (valueOf(each.is) ?? []);
      const cut = own.flatMap((endpoint) =>
        linkConnections(endpoint)
          .filter(
            ({ properties }) =>
              sameId(properties?.privateLinkServiceId, id) &&
              sameText(properties?.privateLinkServiceConnectionState?.status, "Disconnected"),
          )
          .map(({ properties }) => ({ endpoint, groupIds: properties?.groupIds ?? [] })),
      );
      if (cut.length === 0)
        return [
          own.length === 0
            ? say.skip("there is no private endpoint of yours to the cluster", id)
            : say.pass(undefined, { subject: id }),
        ];
      return cut.map(({ endpoint, groupIds }) =>
        say.found("k8s-restarted-pe-recreate", {
          subject: id,
          about: [...topics, endpoint.id],
          data: {
            endpointId: endpoint.id,
            clusterId: id,
            subnet: endpoint.properties.subnet?.id ?? "",
            status: "Disconnected",
            groupIds,
            computeId: attachments.find((one) => sameId(one.clusterId, id))?.compute.id ?? "",
          },
          evidence: [armEvidence(endpoint.id, "privateLinkServiceConnectionState.status", "Disconnected", "Approved")],
          inferredFrom: "the endpoint to a cluster that exists is disconnected, as a stop and start leaves it",
        }),
      );
    });
  },
});
