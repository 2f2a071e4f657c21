import * as z from "zod";
import { extensionNamespace, kubernetesList, legacyNamespace, metadata, systemNamespace } from "./kubernetes-read.ts";

const count = z.number().nullish();

export const kubernetesDeploymentSchema = z.object({
  metadata,
  spec: z.object({ replicas: count }),
  status: z.object({ replicas: count, readyReplicas: count, availableReplicas: count }).nullish(),
});
export type KubernetesDeployment = z.infer<typeof kubernetesDeploymentSchema>;

/** Deployments of the extension, of a v1 router, and of the cluster's own DNS. */
export const kubernetesDeployments = kubernetesList({
  key: "kubernetes/deployments",
  apiVersion: "apps/v1",
  kind: "Deployment",
  schema: kubernetesDeploymentSchema,
  namespaces: () => [extensionNamespace, legacyNamespace, systemNamespace],
});

/** The router's names: the extension calls it `azureml-fe` or `azureml-fe-v2`, by release. */
export const routerNames = ["azureml-fe-v2", "azureml-fe"];

/** Replicas wanted and available; a status without a count has none. */
export function replicasOf({ spec, status }: KubernetesDeployment): { wanted: number; available: number } {
  return { wanted: spec.replicas ?? 1, available: status?.availableReplicas ?? 0 };
}
