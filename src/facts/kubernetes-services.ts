import * as z from "zod";
import {
  extensionNamespace,
  kubernetesList,
  legacyNamespace,
  metadata,
  objectsIn,
  type Listed,
} from "./kubernetes-read.ts";

export const serviceSchema = z.object({
  metadata: metadata.extend({ annotations: z.record(z.string(), z.string()).nullish() }),
  spec: z.object({
    type: z.string().nullish(),
    clusterIP: z.string().nullish(),
    ports: z
      .array(
        z.object({
          name: z.string().nullish(),
          port: z.number(),
          targetPort: z.union([z.number(), z.string()]).nullish(),
        }),
      )
      .nullish(),
  }),
  status: z
    .object({
      loadBalancer: z
        .object({ ingress: z.array(z.object({ ip: z.string().nullish(), hostname: z.string().nullish() })).nullish() })
        .nullish(),
    })
    .nullish(),
});
export type KubernetesService = z.infer<typeof serviceSchema>;

/** Services of the extension and of a v1 router. */
export const kubernetesServices = kubernetesList({
  key: "kubernetes/services",
  apiVersion: "v1",
  kind: "Service",
  schema: serviceSchema,
  namespaces: () => [extensionNamespace, legacyNamespace],
});

/** The router's service, the extension's or that of v1; undefined when there is none (or it could not be listed). */
export function routerService(
  services: readonly Listed<KubernetesService>[],
  clusterId: string,
  isLegacy: boolean,
): KubernetesService | undefined {
  return objectsIn(services, clusterId, isLegacy ? legacyNamespace : extensionNamespace).find(
    ({ metadata: { name } }) => name === "azureml-fe",
  );
}

/** The addresses that a load balancer gave to a service; empty while it waits for one. */
export function ingressAddresses(service: KubernetesService | undefined): string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
}
