import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters, type ClusterView } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesNamespaces } from "../../src/facts/kubernetes-namespaces.ts";
import { isReady, kubernetesPods } from "../../src/facts/kubernetes-pods.ts";
import { kubernetesPolicies } from "../../src/facts/kubernetes-policies.ts";
import { extensionNamespace, gapIn, legacyNamespace, objectsIn } from "../../src/facts/kubernetes-read.ts";
import { modelPort, podPorts, readyModels } from "../../src/facts/pod-ports.ts";
import { forbiddingPolicies } from "../../src/facts/policy-decision.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-kubernetes-inference-routing-azureml-fe";

interface Shut {
  readonly policies: readonly { readonly name: string; readonly namespace: string }[];
  readonly how: string;
  readonly router: string;
  readonly routerNamespace: string;
  readonly url: string;
}

/** What enforces network policies; without one of these they are text. */
const engines = ["azure", "calico", "cilium"];

/**
 * Whether the router may call the models' pods inside the cluster. The network policies that select either end are worked
 * out for this one call, where the cluster enforces policies; with `--in-cluster` the call is made, and decides: silence
 * from a pod that is ready is a packet that was dropped, while a refusal is an answer.
 */
export default defineProbe({
  id: "kubernetes/model-ports",
  title: "The router may call the models' pods",
  layer: "transport",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    pods: raw(kubernetesPods),
    policies: raw(kubernetesPolicies),
    namespaces: raw(kubernetesNamespaces),
    ports: raw(podPorts),
  },
  consequence: "Whether the router may call the models' pods",
  advisory: true,
  reasons: {
    "k8s-incluster-ports-blocked": reason<Shut>({
      severity: "error",
      title: "Inside the cluster the router's calls to the models' pods are dropped",
      detail: ({ how }) => how,
      fix: ({ policies, router, routerNamespace, url }) => ({
        summary:
          policies.length > 0
            ? "Allow the router's pods to call the models' pods, and leave the other ports of the extension open: 11001, 12001, 12101, 12201 and 20000 of the router, 8000, 8001 and 9001 for metrics, 9999 of the identity proxy, 53 for names"
            : "Find what drops the packets between the nodes: a service mesh, policies of the network plugin's own kind, a security group on the nodes' subnet",
        commands: [
          ...policies.map(({ name, namespace }) =>
            kubectl("get", "networkpolicy", name, "--namespace", namespace, "--output", "yaml"),
          ),
          kubectl("get", "networkpolicy", "--all-namespaces"),
        ],
        warning:
          "A policy that selects a pod forbids what no policy allows: add a rule rather than take the policy away.",
        takesEffect: "Within seconds",
        verify: [
          kubectl("exec", router, "--namespace", routerNamespace, "--", "curl", "-sS", "-I", "-m", "5", url).text,
        ],
        docs,
      }),
      rivals: ["k8s-azureml-fe-unhealthy", "scoring-424-model-error"],
    }),
  },
  judge({ clusters, pods, policies, namespaces, ports }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map((cluster): Verdict => {
      const { id, topics, isStopped, isLegacy } = cluster;
      if (isStopped) return say.skip("the cluster is stopped", id);
      const routerNamespace = isLegacy ? legacyNamespace : extensionNamespace;
      const podLists = valueOf(pods) ?? [];
      const models = cluster.namespaces.flatMap((each) => readyModels(objectsIn(podLists, id, each)));
      const router = objectsIn(podLists, id, routerNamespace).find(
        (pod) => pod.metadata.name.startsWith("azureml-fe-") && isReady(pod),
      );
      const [model] = models;
      if (model === undefined || router === undefined)
        return say.skip("the cluster shows no ready pods of both the router and a model", id);
      const all = objectsIn(valueOf(policies) ?? [], id);
      const labels = new Map(
        objectsIn(valueOf(namespaces) ?? [], id).map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
      );
      const own = (valueOf(ports) ?? []).filter(({ clusterId }) => sameId(clusterId, id));
      const dropped = own.find(({ is }) => valueOf(is)?.outcome === "timeout");
      const arrived = own.filter(({ is }) =>
        ["answered", "refused", "silent", "tls"].includes(valueOf(is)?.outcome ?? ""),
      );
      const callTo = models.find(({ metadata }) => metadata.name === dropped?.model) ?? model;
      const port = dropped?.port ?? modelPort(callTo);
      const forbidding = forbiddingPolicies(all, { from: router, to: callTo, port, namespaces: labels });
      const engine = enforcedBy(cluster);
      const address = callTo.status.podIP ?? "";
      const named = forbidding.map(({ metadata: { name, namespace } }) => ({ name, namespace: namespace ?? "" }));
      const call = `${router.metadata.name} to ${callTo.metadata.name} at ${address}:${port}`;
      const texts: Evidence[] = named.slice(0, 2).map(({ name, namespace }) => ({
        kind: "kubernetes",
        source: `networkpolicy ${name} in ${namespace}`,
        observed: `selects the call from ${call}; no rule allows it`,
        expected: "a rule that allows it",
      }));
      if (dropped !== undefined) {
        const tried: Evidence = {
          kind: "kubernetes",
          source: `curl http://${dropped.address}:${dropped.port}/ in pod ${dropped.pod} of ${dropped.namespace}`,
          observed: valueOf(dropped.is)?.said ?? "",
          expected: "an answer of any kind",
        };
        return say.found("k8s-incluster-ports-blocked", {
          subject: id,
          about: topics,
          data: {
            policies: named,
            how: `A call from ${call} is dropped, although that pod is ready.${named.length === 0 ? " No network policy that can be read forbids it." : ""}`,
            router: dropped.pod,
            routerNamespace,
            url: `http://${dropped.address}:${dropped.port}/`,
          },
          evidence: [tried, ...texts],
          ruledOut: [
            { id: "scoring-424-model-error", by: "a model that fails would take the connection or refuse it" },
            { id: "k8s-azureml-fe-unhealthy", by: `${router.metadata.name} is ready` },
          ],
        });
      }
      if (arrived.length > 0)
        return say.pass(`${arrived[0]?.pod ?? ""} reaches ${arrived[0]?.model ?? ""}`, { subject: id });
      if (forbidding.length > 0 && engine !== undefined)
        return say.found("k8s-incluster-ports-blocked", {
          subject: id,
          about: topics,
          data: {
            policies: named,
            how: `The network policies in force (${engine}) select a call from ${call}, and none allows it.`,
            router: router.metadata.name,
            routerNamespace,
            url: `http://${address}:${port}/`,
          },
          evidence: [...texts, armEvidence(id, "properties.networkProfile.networkPolicy", engine)],
          inferredFrom: "the text of the policies; --in-cluster makes the call",
          ruledOut: [{ id: "k8s-azureml-fe-unhealthy", by: `${router.metadata.name} is ready` }],
        });
      const hidden =
        policies.is === "gap"
          ? policies
          : gapIn(valueOf(policies) ?? [], id, [routerNamespace, callTo.metadata.namespace ?? ""]);
      if (hidden && engine !== undefined)
        return say.unknown(hidden, {
          subject: id,
          permission: `list networkpolicies in ${callTo.metadata.namespace ?? ""}`,
          matters: false,
        });
      return say.pass(
        forbidding.length > 0
          ? "Network policies would forbid the router's calls, but the cluster enforces none"
          : "No network policy forbids the router's calls",
        { subject: id },
      );
    });
  },
});

/** What enforces the cluster's network policies; undefined where nothing does, or where Azure does not say. */
function enforcedBy({ managed }: ClusterView): string | undefined {
  const engine = valueOf(managed)?.properties.networkProfile?.networkPolicy;
  return engines.find((each) => sameText(engine, each));
}
