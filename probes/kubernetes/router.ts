import { setExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesDeployments, replicasOf, routerNames } from "../../src/facts/kubernetes-deployments.ts";
import { isReady, kubernetesPods, waitsOf } from "../../src/facts/kubernetes-pods.ts";
import { extensionNamespace, gapIn, legacyNamespace, objectsIn } from "../../src/facts/kubernetes-read.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-kubernetes-inference-routing-azureml-fe";

interface Down {
  readonly name: string;
  readonly namespace: string;
  readonly extensionId: string | undefined;
  readonly how: string;
  readonly isOff: boolean;
}

/** Whether the inference router has replicas that serve. Fewer than wanted, but some, is a warning: scoring goes on. */
export default defineProbe({
  id: "kubernetes/router",
  title: "The inference router azureml-fe is running",
  layer: "endpoint",
  docs: [docs],
  needs: { clusters: kubernetesClusters, deployments: raw(kubernetesDeployments), pods: raw(kubernetesPods) },
  consequence: "Whether the router in the cluster runs",
  reasons: {
    "k8s-azureml-fe-unhealthy": reason<Down>({
      severity: "error",
      title: "The inference router azureml-fe is not healthy",
      detail: ({ how }) => how,
      fix: ({ name, namespace, extensionId, isOff }) =>
        isOff && extensionId !== undefined
          ? {
              summary: "Turn inference on in the extension",
              commands: [setExtension(extensionId, { enableInference: "True" })],
              verify: ["kubectl get deployment --namespace azureml"],
              docs,
            }
          : {
              summary: "Read why the router's pods are not ready, mend that, and restart the router only then",
              commands: [
                kubectl("describe", "pods", "--namespace", namespace, "--selector", "app=azureml-fe"),
                kubectl("logs", `deployment/${name}`, "--namespace", namespace, "--all-containers", "--tail=200"),
                kubectl("rollout", "restart", `deployment/${name}`, "--namespace", namespace),
              ],
              warning: "A restart interrupts scoring for every endpoint on the cluster.",
              verify: [`kubectl get deployment ${name} --namespace ${namespace}`],
              docs,
            },
      causedBy: [
        "k8s-image-pull-failure",
        "k8s-capacity-or-quota",
        "k8s-extension-unhealthy",
        "k8s-legacy-fe-conflict",
        "k8s-cluster-dns-broken",
        "aksv1-dns-required-hosts",
        "k8s-cluster-stopped",
        "k8s-tls-cert-invalid",
      ],
    }),
  },
  judge({ clusters, deployments, pods }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map(({ id, topics, isStopped, isOpen, isLegacy, extensions }): Verdict => {
      if (isStopped) return say.skip("the cluster is stopped", id);
      const namespace = isLegacy ? legacyNamespace : extensionNamespace;
      const extension = valueOf(extensions)?.[0];
      const about = [...topics, ...(extension === undefined ? [] : [extension.id])];
      const inference = extension?.properties.configurationSettings?.enableInference;
      if (extension !== undefined && inference && !sameText(inference, "True")) {
        const evidence = [
          armEvidence(extension.id, "properties.configurationSettings.enableInference", inference, "True"),
        ];
        return say.found("k8s-azureml-fe-unhealthy", {
          subject: id,
          about,
          data: {
            name: "azureml-fe",
            namespace,
            extensionId: extension.id,
            how: `The extension was installed with enableInference ${inference}, so it has no router.`,
            isOff: true,
          },
          evidence,
        });
      }
      const hidden = deployments.is === "gap" ? deployments : gapIn(valueOf(deployments) ?? [], id, [namespace]);
      if (hidden)
        return say.unknown(hidden, {
          subject: id,
          permission: `list deployments in ${namespace}`,
          consequence: "Whether the router in the cluster runs",
          matters: isOpen,
        });
      const router = objectsIn(valueOf(deployments) ?? [], id, namespace).find(({ metadata }) =>
        routerNames.includes(metadata.name),
      );
      const source = `deployment azureml-fe in ${namespace}`;
      if (router === undefined) {
        const gone: Evidence = {
          kind: "kubernetes",
          source,
          observed: "none",
          expected: "a deployment azureml-fe or azureml-fe-v2",
        };
        return say.found("k8s-azureml-fe-unhealthy", {
          subject: id,
          about,
          data: {
            name: "azureml-fe",
            namespace,
            extensionId: extension?.id,
            how: `The namespace ${namespace} has no deployment azureml-fe.`,
            isOff: false,
          },
          evidence: [gone],
        });
      }
      const { name } = router.metadata;
      const { wanted, available } = replicasOf(router);
      const counted: Evidence = {
        kind: "kubernetes",
        source: `deployment ${name} in ${namespace}`,
        observed: `${available} of ${wanted} replicas available`,
        expected: `${wanted}`,
      };
      if (available >= wanted && wanted > 0)
        return say.pass(`${name} has ${available} of ${wanted} replicas`, { subject: id, evidence: [counted] });
      const ill = objectsIn(valueOf(pods) ?? [], id, namespace).filter(
        (pod) => pod.metadata.name.startsWith(`${name}-`) && !isReady(pod),
      );
      const waits = ill.flatMap((pod) =>
        waitsOf(pod).map(({ reason: why, message }): Evidence => ({
          kind: "kubernetes",
          source: `pod ${pod.metadata.name} in ${namespace}`,
          observed: `${why} ${message}`.trim().slice(0, 300),
        })),
      );
      return say.found("k8s-azureml-fe-unhealthy", {
        subject: id,
        about,
        data: {
          name,
          namespace,
          extensionId: extension?.id,
          how: `${name} has ${available} of ${wanted} replicas available.`,
          isOff: false,
        },
        evidence: [counted, ...waits.slice(0, 2)],
        ...(available > 0 ? { as: "warning" as const } : {}),
      });
    });
  },
});
