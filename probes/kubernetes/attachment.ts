import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest, kubectl } from "../../src/model/remediation.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesErrors, errorOf } from "../../src/facts/kubernetes-errors.ts";
import { kubernetesNamespaces } from "../../src/facts/kubernetes-namespaces.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute";
const codes = [
  "NamespaceNotFound",
  "ComputeNotFound",
  "ComputeNotAccessible",
  "InvalidComputeInformation",
  "InvalidComputeNoKubernetesConfiguration",
  "ClusterNotFound",
  "ClusterServiceNotFound",
];

interface Broken {
  readonly computeId: string;
  readonly namespace: string | undefined;
  readonly how: string;
}

/** Whether the attachment still leads to a cluster and a namespace that exist. */
export default defineProbe({
  id: "kubernetes/attachment",
  title: "The attached cluster and its namespace exist",
  layer: "control-plane",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    attachments: kubernetesAttachments,
    namespaces: raw(kubernetesNamespaces),
    errors: kubernetesErrors,
  },
  reasons: {
    "k8s-namespace-or-compute-invalid": reason<Broken>({
      severity: "error",
      title: "The compute leads to a cluster or namespace that is not there",
      detail: ({ how }) => how,
      fix: ({ computeId, namespace }) => ({
        summary:
          namespace === undefined
            ? "Attach a cluster that exists under a new compute and move the endpoints there"
            : "Make the namespace again; when endpoints still fail, detach the compute and attach it anew",
        commands: [
          ...(namespace === undefined ? [] : [kubectl("create", "namespace", namespace)]),
          azRest("get", computeId, apiVersions.machineLearning),
        ],
        warning: "Detaching a compute takes what it manages out of the workspace: list its endpoints first.",
        verify: [`${azRest("get", computeId, apiVersions.machineLearning).text} --query properties.provisioningState`],
        docs,
      }),
      rivals: ["k8s-cluster-not-reachable"],
    }),
  },
  judge({ clusters, attachments, namespaces, errors }, say) {
    if (attachments.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return attachments.map(({ compute, clusterId, namespace, isAks, endpoints }): Verdict => {
      const cluster = clusters.find(({ id }) => sameId(id, clusterId));
      const about = [clusterId, ...endpoints.flatMap(({ id, host }) => [id, ...(host === undefined ? [] : [host])])];
      const found = (how: string, missing: string | undefined, evidence: ReturnType<typeof armEvidence>) =>
        say.found("k8s-namespace-or-compute-invalid", {
          subject: compute.id,
          about,
          data: { computeId: compute.id, namespace: missing, how },
          evidence: [evidence],
        });
      if (isAks && cluster?.managed.is === "absent")
        return found(
          `${compute.name} is attached to ${clusterId}, which does not exist.`,
          undefined,
          armEvidence(compute.id, "properties.resourceId", `${clusterId}: not found`, "a cluster that exists"),
        );
      const list = (valueOf(namespaces) ?? []).find((each) => sameId(each.clusterId, clusterId))?.is;
      if (
        list?.is === "value" &&
        cluster?.isStopped !== true &&
        !list.value.some(({ metadata }) => metadata.name === namespace)
      ) {
        return found(
          `${compute.name} is attached with the namespace ${namespace}, which the cluster does not have.`,
          namespace,
          {
            kind: "kubernetes",
            source: "list namespaces",
            observed: `no ${namespace}`,
            expected: `${namespace}, as ${compute.id} says`,
          },
        );
      }
      const error = errorOf(errors, clusterId, codes);
      if (error)
        return found(error.line, error.code === "NamespaceNotFound" ? namespace : undefined, {
          kind: "arm",
          source: error.source,
          observed: error.line,
        });
      return say.pass(undefined, { subject: compute.id });
    });
  },
});
