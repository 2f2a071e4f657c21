import { inGroup } from "../../src/model/cluster-commands.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesPods, type Pod } from "../../src/facts/kubernetes-pods.ts";
import { gapIn, objectsIn } from "../../src/facts/kubernetes-read.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute#job-failed-137";

interface Bypass {
  readonly clusterId: string;
  readonly pod: string;
  readonly namespace: string;
  readonly how: string;
}

/** The extension puts this container beside a training job; the job asks it for tokens at 127.0.0.1. */
const sidecar = "training-identity-sidecar";
const local = "127.0.0.1";

/**
 * Whether the pods of training jobs reach their own sidecar where the cluster sends traffic through a proxy. A warning: it
 * is about jobs that ended, and no endpoint fails by it. 137 alone says only that a container was killed; one that ran out
 * of memory is no such case.
 */
export default defineProbe({
  id: "kubernetes/job-proxy",
  title: "Training jobs leave 127.0.0.1 out of the cluster's proxy",
  layer: "transport",
  docs: [docs],
  needs: { clusters: kubernetesClusters, pods: raw(kubernetesPods) },
  consequence: "Whether training jobs leave 127.0.0.1 out of the cluster's proxy",
  advisory: true,
  reasons: {
    "k8s-job-proxy-127": reason<Bypass>({
      severity: "warning",
      title: "A training job was killed while its calls to 127.0.0.1 went to the cluster's proxy",
      detail: ({ how }) => how,
      fix: ({ clusterId, pod, namespace }) => {
        const isArc = sameText(parseArmId(clusterId)?.type, "Microsoft.Kubernetes/connectedClusters");
        return {
          summary: isArc
            ? "Add 127.0.0.1 to the addresses that Azure Arc leaves out of the proxy (proxy-skip-range), beside those that it has"
            : "Add 127.0.0.1 to noProxy of the cluster's HTTP proxy settings, or to NO_PROXY of the job, beside what they have",
          commands: [
            kubectl("get", "pod", pod, "--namespace", namespace, "--output", "jsonpath={.spec.containers[*].env}"),
            isArc
              ? kubectl("get", "secret", "proxy-config", "--namespace", "azure-arc", "--output", "name")
              : az("aks", "show", ...inGroup(clusterId), "--query", "httpProxyConfig"),
          ],
          warning:
            "az connectedk8s update --proxy-skip-range and az aks update --http-proxy-config replace the whole list: keep what it has. New settings of AKS reach a node when it is reimaged.",
          verify: [
            kubectl("get", "pod", pod, "--namespace", namespace, "--output", "jsonpath={.spec.containers[*].env}").text,
          ],
          docs,
        };
      },
    }),
  },
  judge({ clusters, pods }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map(({ id, topics, isStopped, namespaces }): Verdict => {
      if (isStopped) return say.skip("the cluster is stopped", id);
      const lists = valueOf(pods) ?? [];
      const jobs = namespaces
        .flatMap((namespace) => objectsIn(lists, id, namespace))
        .filter(({ status }) => (status.containerStatuses ?? []).some(({ name }) => name === sidecar));
      const killed = jobs.find((pod) => wasKilled(pod) && proxyWithoutLocal(pod) !== undefined);
      if (killed === undefined) {
        const hidden = pods.is === "gap" ? pods : gapIn(lists, id, namespaces);
        if (hidden) return say.unknown(hidden, { subject: id, matters: false });
        return jobs.length === 0
          ? say.skip("no training job has a pod in the cluster", id)
          : say.pass(undefined, { subject: id });
      }
      const { name } = killed.metadata;
      const namespace = killed.metadata.namespace ?? "";
      const { proxy, skipped } = proxyWithoutLocal(killed) ?? { proxy: "", skipped: "" };
      const source = `pod ${name} in ${namespace}`;
      const evidence: Evidence[] = [
        {
          kind: "kubernetes",
          source: `${source}, status of container ${sidecar}`,
          observed: "terminated with exit code 137, not for memory",
          expected: "exit code 0",
        },
        { kind: "kubernetes", source: `${source}, environment`, observed: proxy },
        {
          kind: "kubernetes",
          source: `${source}, environment`,
          observed: skipped === "" ? "no NO_PROXY" : `NO_PROXY=${skipped.slice(0, 200)}`,
          expected: `NO_PROXY with ${local}`,
        },
      ];
      return say.found("k8s-job-proxy-127", {
        subject: id,
        about: topics,
        data: {
          clusterId: id,
          pod: name,
          namespace,
          how: `${sidecar} of pod ${name} ended with 137; ${proxy} applies to ${local} there, because NO_PROXY ${skipped === "" ? "is not set" : "does not name it"}.`,
        },
        evidence,
        inferredFrom: "the exit code and the proxy variables of one pod: the documented case has both",
      });
    });
  },
});

/** Whether the sidecar was killed, and not for memory. A job that succeeded ends its sidecar in the same way. */
function wasKilled({ status }: Pod): boolean {
  return (
    sameText(status.phase, "Failed") &&
    (status.containerStatuses ?? []).some(({ name, state, lastState }) =>
      [state?.terminated, lastState?.terminated].some(
        (end) => name === sidecar && end?.exitCode === 137 && !sameText(end.reason, "OOMKilled"),
      ),
    )
  );
}

/** The proxy of a pod's container that sends calls to 127.0.0.1 there, too. */
function proxyWithoutLocal({ spec }: Pod): { readonly proxy: string; readonly skipped: string } | undefined {
  for (const { env } of spec?.containers ?? []) {
    const valuesOf = (pattern: RegExp) => (env ?? []).filter(({ name, value }) => pattern.test(name) && value !== "");
    const [proxy] = valuesOf(/^(?:https?|all)_proxy$/i);
    if (proxy === undefined) continue;
    const skipped = valuesOf(/^no_proxy$/i)
      .map(({ value }) => value)
      .join(",");
    const parts = skipped.split(/[\s,]+/);
    if (!parts.some((part) => part === "*" || part === local || part.startsWith("127.0.0.0/")))
      return { proxy: `${proxy.name}=${proxy.value}`, skipped };
  }
  return undefined;
}
