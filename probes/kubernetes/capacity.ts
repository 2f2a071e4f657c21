import type { Evidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, kubectl } from "../../src/model/remediation.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesPods, modelOf, type Pod } from "../../src/facts/kubernetes-pods.ts";
import { objectsIn, systemNamespace } from "../../src/facts/kubernetes-read.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-podunschedulable";

interface Pending {
  readonly clusterId: string;
  readonly message: string;
  readonly pool: string | undefined;
  readonly nodes: number;
}

/** Whether the scheduler found a node for every pod of the extension and the models. */
export default defineProbe({
  id: "kubernetes/capacity",
  title: "The cluster has room for the router's and the models' pods",
  layer: "endpoint",
  docs: [docs],
  needs: { clusters: kubernetesClusters, attachments: kubernetesAttachments, pods: raw(kubernetesPods) },
  consequence: "Whether the cluster has room for the pods",
  reasons: {
    "k8s-capacity-or-quota": reason<Pending>({
      severity: "error",
      title: "Pods cannot be scheduled: the cluster has no node for them",
      detail: ({ message }) => message.slice(0, 300),
      fix: ({ clusterId, pool, nodes }) => ({
        summary: "Add nodes, or ask for less CPU, memory or GPU in the deployment",
        commands: [
          kubectl("get", "pods", "--all-namespaces", "--field-selector=status.phase=Pending"),
          ...(pool === undefined
            ? []
            : [
                az("aks", "nodepool", "scale", ...poolOf(clusterId), "--name", pool, "--node-count", String(nodes + 1)),
              ]),
        ],
        warning:
          "Taints and node selectors are not mended by more nodes of the same kind: read the scheduler's words first.",
        verify: ["kubectl get pods --all-namespaces --field-selector=status.phase=Pending"],
        docs,
      }),
      causedBy: ["k8s-cluster-stopped"],
    }),
  },
  judge({ clusters, attachments, pods }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    if (pods.is === "gap") return say.unknown(pods, { matters: false });
    if (pods.is === "absent") return say.skip("there are no pods to look at");
    return clusters.flatMap(({ id, managed, topics }): Verdict[] => {
      const stuck = objectsIn(valueOf(pods) ?? [], id).filter(
        (pod) => pod.metadata.namespace !== systemNamespace && unscheduled(pod) !== undefined,
      );
      if (stuck.length === 0) return [say.pass(undefined, { subject: id })];
      const first = stuck[0];
      if (first === undefined) return [];
      const model = modelOf(first);
      const endpoint = attachments
        .filter((each) => sameId(each.clusterId, id))
        .flatMap(({ endpoints }) => endpoints)
        .find(({ name }) => name === model.endpoint);
      const pool = valueOf(managed)?.properties.agentPoolProfiles?.[0];
      return [
        say.found("k8s-capacity-or-quota", {
          subject: endpoint?.deployments.find(({ name }) => name === model.deployment)?.id ?? endpoint?.id ?? id,
          about: endpoint === undefined ? topics : [id, endpoint.id],
          data: {
            clusterId: id,
            message: unscheduled(first) ?? "",
            pool: pool?.name ?? undefined,
            nodes: pool?.count ?? 1,
          },
          evidence: stuck.slice(0, 2).map((pod): Evidence => ({
            kind: "kubernetes",
            source: `pod ${pod.metadata.name} in ${pod.metadata.namespace ?? "?"}, condition PodScheduled`,
            observed: `Unschedulable: ${unscheduled(pod) ?? ""}`,
            expected: "True",
          })),
        }),
      ];
    });
  },
});

/** The scheduler's words about a pod that it found no node for. */
function unscheduled({ status }: Pod): string | undefined {
  const condition = (status.conditions ?? []).find(
    ({ type, status: is, reason: why }) => type === "PodScheduled" && is === "False" && why === "Unschedulable",
  );
  return condition && (condition.message ?? "no node fits");
}

function poolOf(clusterId: string): string[] {
  const parsed = parseArmId(clusterId);
  return parsed === undefined
    ? []
    : [
        "--subscription",
        parsed.subscriptionId,
        "--resource-group",
        parsed.resourceGroup,
        "--cluster-name",
        parsed.name,
      ];
}
