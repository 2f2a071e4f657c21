import * as z from "zod";
import {
  extensionNamespace,
  kubernetesList,
  metadata,
  objectsIn,
  systemNamespace,
  type Listed,
} from "./kubernetes-read.ts";

export const configMapSchema = z.object({ metadata, data: z.record(z.string(), z.string()).nullish() });
type ConfigMap = z.infer<typeof configMapSchema>;

/** What is kept of a config map: nothing but the health check's report and CoreDNS's own additions is read. */
const kept = ["arcml-healthcheck", "coredns-custom", "coredns"];

const shown = configMapSchema.transform((map): ConfigMap =>
  kept.includes(map.metadata.name) ? map : { metadata: { name: map.metadata.name } },
);

/** The health check's report of the extension, and the configuration of the cluster's DNS. */
export const kubernetesConfigMaps = kubernetesList({
  key: "kubernetes/config-maps",
  apiVersion: "v1",
  kind: "ConfigMap",
  schema: shown,
  namespaces: () => [extensionNamespace, systemNamespace],
});

/** What the extension's health check wrote, as one text; empty when there is none. */
export function healthCheck(maps: readonly Listed<ConfigMap>[], clusterId: string): string {
  const map = objectsIn(maps, clusterId, extensionNamespace).find(
    ({ metadata: { name } }) => name === "arcml-healthcheck",
  );
  return Object.values(map?.data ?? {}).join("\n");
}

/** The additions to CoreDNS that a cluster carries, by file; undefined when there are none. */
export function dnsAdditions(
  maps: readonly Listed<ConfigMap>[],
  clusterId: string,
): Readonly<Record<string, string>> | undefined {
  return (
    objectsIn(maps, clusterId, systemNamespace).find(({ metadata: { name } }) => name === "coredns-custom")?.data ??
    undefined
  );
}
