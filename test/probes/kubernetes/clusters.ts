import type { ClusterView } from "../../../src/facts/kubernetes-clusters.ts";
import type { Extension } from "../../../src/facts/kubernetes-extensions.ts";
import type { ManagedCluster } from "../../../src/facts/managed-clusters.ts";
import { seen } from "../../../src/model/observation.ts";

export const clusterId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks";
export const extensionId = `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;

/** A private cluster that runs. */
export function managed(properties: Partial<ManagedCluster["properties"]> = {}, location = "eastus2"): ManagedCluster {
  return {
    id: clusterId,
    name: "aks",
    location,
    properties: {
      powerState: { code: "Running" },
      apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: false },
      ...properties,
    },
  };
}

/** An extension that is well. */
export function extension(properties: Partial<Extension["properties"]> = {}, hasCertificate = true): Extension {
  return {
    id: extensionId,
    name: "azureml",
    hasCertificate,
    properties: {
      provisioningState: "Succeeded",
      configurationSettings: { enableInference: "True", allowInsecureConnections: "False" },
      ...properties,
    },
  };
}

/** One attached cluster with one endpoint. */
export function view(more: Partial<ClusterView> = {}): ClusterView {
  return {
    id: clusterId,
    name: "aks",
    topics: [clusterId, "score.example.com"],
    endpoints: [],
    namespaces: ["models"],
    isLegacy: false,
    managed: seen(managed()),
    extensions: seen([extension()]),
    isStopped: false,
    isOpen: true,
    ...more,
  };
}
