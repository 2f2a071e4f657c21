import { managed, moveRouter, objects, scoringHost } from "./edit-cluster.ts";
import { azureDns, point, resource, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

/** Clusters that look as if they were set up wrongly, and are not. */
export const clusterLookAlikeVariations: readonly Variation[] = [
  {
    story: "the cluster's service range begins where the virtual network ends",
    baseline: "kubernetes",
    change(world) {
      const { networkProfile } = resource(world, managed).properties;
      Object.assign(networkProfile as object, { serviceCidr: "10.2.0.0/16", dnsServiceIP: "10.2.0.10" });
    },
    roots: [],
    not: ["aksv1-cidr-overlap"],
  },
  {
    story: "the cluster acts as a managed identity, which is written as a service principal",
    baseline: "kubernetes",
    change: (world) => set(world, managed, { servicePrincipalProfile: { clientId: "MSI" } }),
    roots: [],
    not: ["k8s-unsupported-cluster-config"],
  },
  {
    story: "the workspace of a cluster could have a managed network, and has none",
    baseline: "kubernetes",
    change: (world) => set(world, "/workspaces/mlprod", { managedNetwork: { isolationMode: "disabled" } }),
    roots: [],
    not: ["k8s-managed-vnet-not-supported"],
  },
  {
    story: "the router of a public workspace stands on a public load balancer",
    baseline: "kubernetes",
    change(world) {
      for (const { metadata, status } of objects(world, "Service", "azureml-fe")) {
        metadata.annotations = {};
        status.loadBalancer = { ingress: [{ ip: "20.85.7.7" }] };
      }
      moveRouter(world, "20.85.7.7");
      point(world, azureDns, scoringHost, "20.85.7.7");
      set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled", allowPublicAccessWhenBehindVnet: true });
    },
    roots: [],
    not: ["k8s-public-lb-exposed", "infdns-k8s-custom-domain"],
  },
];
