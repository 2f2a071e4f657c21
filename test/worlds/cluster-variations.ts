import type { World } from "../../src/lab/world.ts";
import { add, azureDns, baseline, point, remove, resource, set } from "./edit.ts";
import {
  cluster,
  computeFails,
  endpoint,
  extension,
  managed,
  moveRouter,
  objects,
  removeObjects,
  scoringHost,
  silence,
} from "./edit-cluster.ts";
import { deploymentFails } from "./edit-deployment.ts";
import { addNetwork, networkProvider } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

const models = "azureml-workloads";

/** The nodes stand in a network of their own. */
function moveNodes(world: World, location: string, isPeered: boolean, peeringState?: string): void {
  const vnetSubnetID = addNetwork(world, "vnet-nodes", location, isPeered, peeringState);
  for (const pool of resource(world, managed).properties.agentPoolProfiles as Record<string, unknown>[])
    pool.vnetSubnetID = vnetSubnetID;
}

/** A private endpoint of the customer's to the cluster itself. */
function clusterDoor(world: World, status: string): void {
  const privateLinkServiceConnectionState = { status, description: "", actionsRequired: "None" };
  const link = {
    privateLinkServiceId: resource(world, managed).id,
    groupIds: ["management"],
    privateLinkServiceConnectionState,
  };
  add(world, {
    id: `${networkProvider}/privateEndpoints/pe-aks`,
    name: "pe-aks",
    type: "Microsoft.Network/privateEndpoints",
    location: "eastus2",
    properties: {
      provisioningState: "Succeeded",
      subnet: { id: `${networkProvider}/virtualNetworks/vnet-spoke/subnets/snet-pe` },
      privateLinkServiceConnections: [{ name: "pe-aks", properties: link }],
    },
  });
}

/** The cluster is stopped, and the workspace is looked at as a whole: it has no online endpoint. */
function stopIdle(world: World): void {
  remove(world, endpoint);
  world.target = {
    subscriptionId: world.target.subscriptionId,
    resourceGroup: world.target.resourceGroup,
    workspace: world.target.workspace,
  };
  set(world, managed, { powerState: { code: "Stopped" } });
  cluster(world).reachable = false;
  silence(world);
}

function apiServer(world: World, access: Record<string, unknown>): void {
  set(world, managed, { apiServerAccessProfile: access });
}

/** How the cluster is set up and attached, and what the service reports of it. */
export const clusterVariations: readonly Variation[] = [
  {
    story: "the namespace that the compute names is gone",
    baseline: "kubernetes",
    change: (world) =>
      removeObjects(world, ({ metadata }) => metadata.name === models || metadata.namespace === models),
    roots: ["k8s-namespace-or-compute-invalid"],
    fix: [/kubectl create namespace azureml-workloads/],
  },
  {
    story: "the attached cluster was deleted",
    baseline: "kubernetes",
    change(world) {
      remove(world, managed);
      world.kubernetes.clusters = [];
      silence(world);
    },
    roots: ["k8s-namespace-or-compute-invalid"],
    effects: ["k8s-router-address-unreachable"],
  },
  {
    story: "the namespaces of the cluster may not be listed",
    baseline: "kubernetes",
    change: (world) => cluster(world).denied.push({ verb: "list", resource: "namespaces" }),
    roots: [],
    not: ["k8s-namespace-or-compute-invalid"],
  },
  {
    story: "a Kubernetes endpoint asks for Entra ID tokens",
    baseline: "kubernetes",
    change: (world) => set(world, endpoint, { authMode: "AADToken" }),
    roots: ["k8s-aad-token-auth-unsupported"],
    fix: [/auth_mode/],
  },
  {
    story: "a managed endpoint asks for Entra ID tokens",
    baseline: "customer-network",
    change: (world) => set(world, endpoint, { authMode: "AADToken" }),
    roots: [],
    not: ["k8s-aad-token-auth-unsupported"],
  },
  {
    story: "the cluster acts as a service principal",
    baseline: "kubernetes",
    change: (world) =>
      set(world, managed, { servicePrincipalProfile: { clientId: "00000000-0000-4000-8000-0000000000a1" } }),
    roots: [],
    warns: ["k8s-unsupported-cluster-config"],
  },
  {
    story: "the workspace has a managed network, which does not cover the cluster",
    baseline: "kubernetes",
    change(world) {
      const { managedNetwork } = resource(baseline("managed-network"), "/workspaces/mlprod").properties;
      set(world, "/workspaces/mlprod", { managedNetwork });
    },
    roots: [],
    warns: ["k8s-managed-vnet-not-supported"],
  },
  {
    story: "a private endpoint to the cluster is disconnected",
    baseline: "kubernetes",
    change: (world) => clusterDoor(world, "Disconnected"),
    roots: ["k8s-restarted-pe-recreate"],
    fix: [/private-endpoint delete/],
  },
  {
    story: "a private endpoint to the cluster is connected",
    baseline: "kubernetes",
    change: (world) => clusterDoor(world, "Approved"),
    roots: [],
    not: ["k8s-restarted-pe-recreate"],
  },
  {
    story: "the cluster is stopped",
    baseline: "kubernetes",
    change(world) {
      set(world, managed, { powerState: { code: "Stopped" } });
      cluster(world).reachable = false;
      silence(world);
    },
    roots: ["k8s-cluster-stopped"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/aks start/],
  },
  {
    story: "the cluster is stopped, and no endpoint runs on it",
    baseline: "kubernetes",
    change: stopIdle,
    roots: [],
    warns: ["k8s-cluster-stopped"],
    not: ["k8s-cluster-not-reachable"],
  },
  {
    story: "the cluster is stopped, and which endpoints run on it may not be read",
    baseline: "kubernetes",
    change(world) {
      stopIdle(world);
      const { id } = resource(world, "/workspaces/mlprod");
      world.arm.denied.push({ action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read", scope: id });
    },
    roots: ["k8s-cluster-stopped"],
  },
  {
    story: "the cluster runs, and its API server is out of reach",
    baseline: "kubernetes",
    change(world) {
      cluster(world).reachable = false;
    },
    roots: [],
    not: ["k8s-cluster-stopped", "k8s-cluster-not-reachable"],
  },
  {
    story: "the nodes stand in a network without a way to the private endpoints",
    baseline: "kubernetes",
    change: (world) => moveNodes(world, "eastus2", false),
    roots: ["k8s-deps-without-pe"],
    fix: [/private-endpoint create/],
  },
  {
    story: "the peering of the nodes' network with this one is broken, and the router is silent",
    baseline: "kubernetes",
    change(world) {
      moveNodes(world, "eastus2", true, "Disconnected");
      moveRouter(world, "10.9.4.10");
      for (const { status } of objects(world, "Service", "azureml-fe"))
        status.loadBalancer = { ingress: [{ ip: "10.9.4.10" }] };
      point(world, azureDns, scoringHost, "10.9.4.10");
      for (const one of world.network.endpoints) if (one.address === "10.9.4.10") one.tcp = "timeout";
    },
    roots: ["cv-peering-or-connectivity-missing"],
    effects: ["k8s-router-address-unreachable", "k8s-deps-without-pe"],
    fix: [/peering create/],
  },
  {
    story: "the nodes stand in a network that is peered with that of the private endpoints",
    baseline: "kubernetes",
    change: (world) => moveNodes(world, "eastus2", true),
    roots: [],
    not: ["k8s-deps-without-pe"],
  },
  {
    story: "the private cluster has a public name",
    baseline: "kubernetes",
    change: (world) =>
      apiServer(world, { enablePrivateCluster: true, privateDNSZone: "system", enablePrivateClusterPublicFQDN: true }),
    roots: ["k8s-private-aks-public-fqdn"],
    fix: [/--disable-public-fqdn/],
  },
  {
    story: "the cluster is not private and has a public name",
    baseline: "kubernetes",
    change(world) {
      apiServer(world, { enablePrivateCluster: false });
      set(world, managed, { fqdn: "aks-ml-3d0f5c2e.hcp.eastus2.azmk8s.io" });
    },
    roots: [],
    not: ["k8s-private-aks-public-fqdn"],
  },
  {
    story: "the cluster and its network are in another region than the private workspace",
    baseline: "kubernetes",
    change(world) {
      moveNodes(world, "westus3", true);
      Object.assign(resource(world, managed), { location: "westus3" });
    },
    roots: ["k8s-region-mismatch"],
  },
  {
    story: "the cluster's region is spelled with spaces",
    baseline: "kubernetes",
    change: (world) => Object.assign(resource(world, managed), { location: "East US 2" }),
    roots: [],
    not: ["k8s-region-mismatch", "aksv1-vnet-prereqs-unmet"],
  },
  {
    story: "the extension has no identity, and a deployment failed",
    baseline: "kubernetes",
    change(world) {
      set(world, extension, { aksAssignedIdentity: null });
      deploymentFails(world, {});
    },
    roots: ["k8s-token-fetch-failed"],
    effects: ["dep-provisioning-failed"],
  },
  {
    story: "the extension has no identity, and its deployments are up",
    baseline: "kubernetes",
    change: (world) => set(world, extension, { aksAssignedIdentity: null }),
    roots: [],
    not: ["k8s-token-fetch-failed"],
  },
  {
    story: "the service says nothing of the extension's identity, and a deployment failed",
    baseline: "kubernetes",
    change(world) {
      set(world, extension, { aksAssignedIdentity: undefined });
      deploymentFails(world, {});
    },
    roots: ["dep-provisioning-failed"],
    not: ["k8s-token-fetch-failed"],
  },
  {
    story: "the service cannot reach the cluster",
    baseline: "kubernetes",
    change: (world) => computeFails(world, "ClusterNotReachable", "The Kubernetes cluster is not reachable."),
    roots: ["k8s-cluster-not-reachable"],
    not: ["k8s-token-fetch-failed"],
  },
  {
    story: "the API server admits listed addresses only, and the service cannot reach it",
    baseline: "kubernetes",
    change(world) {
      apiServer(world, { enablePrivateCluster: false, authorizedIPRanges: ["20.1.2.0/24"] });
      computeFails(world, "ClusterNotReachable", "The Kubernetes cluster is not reachable.");
    },
    roots: ["k8s-apiserver-not-allowlisted"],
    effects: ["k8s-cluster-not-reachable"],
  },
  {
    story: "the API server admits listed addresses only, and nothing complains",
    baseline: "kubernetes",
    change: (world) => apiServer(world, { enablePrivateCluster: false, authorizedIPRanges: ["20.1.2.0/24"] }),
    roots: [],
    not: ["k8s-apiserver-not-allowlisted"],
  },
  {
    story: "the cluster gets no tokens",
    baseline: "kubernetes",
    change: (world) => computeFails(world, "TokenRefreshFailed", "Failed to refresh the extension's token."),
    roots: ["k8s-token-fetch-failed"],
  },
];
