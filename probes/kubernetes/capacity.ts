import type { Evidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, kubectl, type Remediation } from "../../src/model/remediation.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesEvents, warningsAbout } from "../../src/facts/kubernetes-events.ts";
import { kubernetesPods, modelOf, type Pod } from "../../src/facts/kubernetes-pods.ts";
import { extensionNamespace, legacyNamespace, objectsIn, systemNamespace } from "../../src/facts/kubernetes-read.ts";
import { ingressAddresses, kubernetesServices, routerService } from "../../src/facts/kubernetes-services.ts";
import { balancerSubnet, isSubnetFull } from "../../src/facts/router-exposure.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-podunschedulable";

interface Pending {
  readonly clusterId: string;
  readonly message: string;
  readonly pool: string | undefined;
  readonly nodes: number;
  /** The load balancer's subnet, where that is what is full. */
  readonly subnetId?: string;
}

/** Whether the scheduler found a node for every pod of the extension and the models, and the router's load balancer an
 * address. */
export default defineProbe({
  id: "kubernetes/capacity",
  title: "The cluster has room for the router's and the models' pods",
  layer: "endpoint",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    attachments: kubernetesAttachments,
    pods: raw(kubernetesPods),
    services: raw(kubernetesServices),
    events: raw(kubernetesEvents),
  },
  consequence: "Whether the cluster has room for the pods",
  reasons: {
    "k8s-capacity-or-quota": reason<Pending>({
      severity: "error",
      title: "The cluster has no room: for pods on its nodes, or for its load balancer in the subnet",
      detail: ({ message }) => message.slice(0, 300),
      fix: ({ clusterId, pool, nodes, subnetId }) =>
        subnetId === undefined ? moreNodes(clusterId, pool, nodes) : moreAddresses(subnetId),
      causedBy: ["k8s-cluster-stopped"],
    }),
  },
  judge({ clusters, attachments, pods, services, events }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    const full = clusters.flatMap((cluster): Verdict[] => {
      const service = routerService(valueOf(services) ?? [], cluster.id, cluster.isLegacy);
      if (service === undefined || cluster.isStopped || ingressAddresses(service).length > 0) return [];
      const namespace = cluster.isLegacy ? legacyNamespace : extensionNamespace;
      const told = objectsIn(valueOf(events) ?? [], cluster.id, namespace);
      const event = warningsAbout(told, "Service", "azureml-fe").findLast(({ message }) => isSubnetFull(message));
      const subnetId = balancerSubnet(cluster, service);
      if (event === undefined) return [];
      return [
        say.found("k8s-capacity-or-quota", {
          subject: subnetId ?? cluster.id,
          about: cluster.topics,
          data: {
            clusterId: cluster.id,
            message: event.message ?? "",
            pool: undefined,
            nodes: 0,
            ...(subnetId === undefined ? {} : { subnetId }),
          },
          evidence: [
            {
              kind: "kubernetes",
              source: `service azureml-fe in ${namespace}, status.loadBalancer.ingress`,
              observed: "none",
              expected: "an address of the virtual network",
            },
            {
              kind: "kubernetes",
              source: `event ${event.reason ?? ""} of service azureml-fe in ${namespace}`,
              observed: (event.message ?? "").slice(0, 500),
            },
          ],
        }),
      ];
    });
    if (pods.is === "gap") return [...full, say.unknown(pods, { matters: false })];
    if (pods.is === "absent") return full.length > 0 ? full : say.skip("there are no pods to look at");
    const scheduled = clusters.flatMap(({ id, managed, topics }): Verdict[] => {
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
    return full.length > 0 ? [...full, ...scheduled.filter((verdict) => verdict.is !== "pass")] : scheduled;
  },
});

function moreNodes(clusterId: string, pool: string | undefined, nodes: number): Remediation {
  const pending = kubectl("get", "pods", "--all-namespaces", "--field-selector=status.phase=Pending");
  return {
    summary: "Add nodes, or ask for less CPU, memory or GPU in the deployment",
    commands: [
      pending,
      ...(pool === undefined
        ? []
        : [az("aks", "nodepool", "scale", ...poolOf(clusterId), "--name", pool, "--node-count", String(nodes + 1))]),
    ],
    warning:
      "Taints and node selectors are not mended by more nodes of the same kind: read the scheduler's words first.",
    verify: [pending.text],
    docs,
  };
}

function moreAddresses(subnetId: string): Remediation {
  const parsed = parseArmId(subnetId);
  const [network = "", name = ""] = parsed?.names ?? [];
  return {
    summary: `Free addresses in ${name || subnetId}, or have the router's load balancer take its address from a subnet with room (annotation service.beta.kubernetes.io/azure-load-balancer-internal-subnet)`,
    commands:
      parsed === undefined
        ? []
        : [
            az(
              "network",
              "vnet",
              "subnet",
              "list-available-ips",
              "--subscription",
              parsed.subscriptionId,
              "--resource-group",
              parsed.resourceGroup,
              "--vnet-name",
              network,
              "--name",
              name,
              "--output",
              "table",
            ),
            kubectl("describe", "service", "azureml-fe", "--namespace", extensionNamespace),
          ],
    warning:
      "In another subnet the router gets another address: DNS records have to follow, and the cluster's identity needs Network Contributor there. Azure keeps five addresses of every subnet for itself.",
    takesEffect: "Some minutes: the cluster tries again by itself",
    verify: ["kubectl get service azureml-fe --namespace azureml --output wide"],
    docs: "https://learn.microsoft.com/azure/aks/internal-lb",
  };
}

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
