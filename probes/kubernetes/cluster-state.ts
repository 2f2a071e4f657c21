import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/aks/start-stop-cluster";

/** A stopped cluster has no API server and no nodes: nothing else about it can be seen or work. One that no endpoint runs on
 * may well be stopped on purpose: nothing that is meant to answer is silent. */
export default defineProbe({
  id: "kubernetes/cluster-state",
  title: "The AKS cluster under the endpoint is running",
  layer: "control-plane",
  docs: [docs],
  needs: { clusters: kubernetesClusters, online: raw(onlineEndpoints) },
  consequence: "Whether the cluster under the endpoint runs",
  reasons: {
    "k8s-cluster-stopped": reason<{ clusterId: string; name: string; isPrivate: boolean; isIdle: boolean }>({
      severity: "error",
      title: "The AKS cluster is stopped: nothing on it answers",
      detail: ({ name, isIdle }) =>
        `properties.powerState.code of ${name} is Stopped, expected Running.${isIdle ? " No online endpoint runs on it; jobs and new endpoints wait until it is started." : ""}`,
      fix: ({ clusterId, isPrivate }) => ({
        summary: "Start the cluster",
        commands: [az("aks", "start", ...inGroup(clusterId))],
        warning: `The API server's address can change with a start.${isPrivate ? " Private endpoints that you made to the cluster yourself have to be deleted and made again, and the compute attached anew, before endpoints on it can be changed." : ""}`,
        takesEffect: "Some minutes, until the nodes are ready",
        verify: [az("aks", "show", ...inGroup(clusterId), "--query", "powerState.code").text],
        docs,
      }),
      rivals: ["k8s-azureml-fe-unhealthy"],
    }),
  },
  judge({ clusters, online }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map(({ id, name, topics, endpoints, isLegacy, managed, isStopped }): Verdict => {
      if (managed.is === "gap") return say.unknown(managed, { subject: id, consequence: `Whether ${name} runs` });
      if (managed.is === "absent") return say.skip("it is no AKS cluster, or it is gone", id);
      const { powerState, apiServerAccessProfile } = managed.value.properties;
      const evidence = [armEvidence(id, "properties.powerState.code", powerState?.code ?? undefined, "Running")];
      if (!isStopped) return say.pass(undefined, { subject: id, evidence });
      // Endpoints that could not be listed, the one that was asked for and is not there, and services of v1, which have no
      // endpoint, may be meant to run on it all the same.
      const isIdle = endpoints.length === 0 && online.is === "value" && !isLegacy;
      return say.found("k8s-cluster-stopped", {
        subject: id,
        about: topics,
        data: { clusterId: id, name, isPrivate: apiServerAccessProfile?.enablePrivateCluster === true, isIdle },
        evidence,
        ruledOut: [{ id: "k8s-azureml-fe-unhealthy", by: "no pod of a stopped cluster runs, the router among them" }],
        ...(isIdle ? { as: "warning" as const } : {}),
      });
    });
  },
});
