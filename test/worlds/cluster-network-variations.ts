import { azureDns, point, remove, resource, set } from "./edit.ts";
import { ail, attachTheOldWay, managed, moveRouter, objects, scoringHost, silence } from "./edit-cluster.ts";
import { addNetwork, guard } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

const silentRegistry = `Failed to pull image: Get "https://acrmlprod.azurecr.io/v2/": dial tcp 10.1.0.13:443: i/o timeout`;

/** The network that a cluster's nodes and load balancer stand in, and clusters that were attached the v1 way. */
export const clusterNetworkVariations: readonly Variation[] = [
  {
    story: "the cluster's service range lies within the virtual network",
    baseline: "kubernetes",
    change(world) {
      const { networkProfile } = resource(world, managed).properties;
      Object.assign(networkProfile as object, { serviceCidr: "10.1.0.0/17", dnsServiceIP: "10.1.0.10" });
    },
    roots: ["aksv1-cidr-overlap"],
  },
  {
    story: "the cluster's service range is that of a network that is peered with its own",
    baseline: "kubernetes",
    change(world) {
      const { networkProfile } = resource(world, managed).properties;
      Object.assign(networkProfile as object, { serviceCidr: "10.0.0.0/16", dnsServiceIP: "10.0.0.10" });
    },
    roots: [],
    warns: ["aksv1-cidr-overlap"],
  },
  {
    story: "the cluster's service range is that of a network that was peered with its own once",
    baseline: "kubernetes",
    change(world) {
      const { networkProfile } = resource(world, managed).properties;
      Object.assign(networkProfile as object, { serviceCidr: "10.0.0.0/16", dnsServiceIP: "10.0.0.10" });
      set(world, "/vnet-spoke/virtualNetworkPeerings/to-hub", { peeringState: "Disconnected" });
    },
    roots: [],
    not: ["aksv1-cidr-overlap"],
  },
  {
    story: "the nodes' network is in another region than the cluster",
    baseline: "kubernetes",
    change(world) {
      const vnetSubnetID = addNetwork(world, "vnet-nodes", "westus3", true);
      set(world, managed, { agentPoolProfiles: [{ name: "nodepool1", count: 3, vnetSubnetID }] });
    },
    roots: ["aksv1-vnet-prereqs-unmet"],
  },
  {
    story: "a compute of v1 publishes its services",
    baseline: "kubernetes",
    change: (world) => attachTheOldWay(world, "PublicIp"),
    roots: ["aksv1-ilb-not-configured"],
    fix: [/internalLoadBalancerProvider=azure/],
  },
  {
    story: "a compute of v1 publishes its services, and the router shows its public address",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "PublicIp");
      for (const { metadata, status } of objects(world, "Service", "azureml-fe")) {
        metadata.annotations = {};
        status.loadBalancer = { ingress: [{ ip: "20.84.12.9" }] };
      }
      moveRouter(world, "20.84.12.9");
      point(world, azureDns, scoringHost, "20.84.12.9");
    },
    roots: ["aksv1-ilb-not-configured"],
    effects: ["k8s-public-lb-exposed"],
  },
  {
    story: "a compute of v1 publishes its services inside the network",
    baseline: "kubernetes",
    change: (world) => attachTheOldWay(world, "InternalLoadBalancer"),
    roots: [],
    not: ["aksv1-ilb-not-configured", "aksv1-network-contributor-missing", "k8s-azureml-fe-unhealthy"],
  },
  {
    story: "the scoring name of a v1 cluster leads to an address that its router no longer has",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      point(world, azureDns, scoringHost, "10.1.4.99");
    },
    roots: ["infdns-k8s-custom-domain"],
    fix: [/10\.1\.4\.10/],
  },
  {
    story: "the identity of a v1 cluster has no role on its network, and scoring calls do not arrive",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      remove(world, "/subnets/snet-aks/providers/Microsoft.Authorization");
      silence(world);
    },
    roots: ["aksv1-network-contributor-missing"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/Network Contributor/],
  },
  {
    story: "the cluster's identity has no role on its network, and scoring calls arrive",
    baseline: "kubernetes",
    change: (world) => remove(world, "/subnets/snet-aks/providers/Microsoft.Authorization"),
    roots: [],
    warns: ["aksv1-network-contributor-missing"],
  },
  {
    story: "a security group shuts the nodes in, and a pod cannot pull",
    baseline: "kubernetes",
    change(world) {
      guard(world, "snet-aks", "Outbound 4000 Deny * *");
      ail(world, "blue-score1", 0, "ErrImagePull", silentRegistry);
    },
    roots: ["aksv1-default-outbound-removed"],
    effects: ["k8s-image-pull-failure"],
  },
  {
    story: "a security group shuts the nodes in, and nothing complains",
    baseline: "kubernetes",
    change: (world) => guard(world, "snet-aks", "Outbound 4000 Deny * *"),
    roots: [],
    warns: ["aksv1-default-outbound-removed"],
  },
  {
    story: "a security group shuts the nodes in but for the registry",
    baseline: "kubernetes",
    change: (world) =>
      guard(world, "snet-aks", "Outbound 100 Allow Tcp AzureContainerRegistry 443", "Outbound 4000 Deny * *"),
    roots: [],
    not: ["aksv1-default-outbound-removed"],
  },
  {
    story: "a security group keeps callers from the router",
    baseline: "kubernetes",
    change(world) {
      guard(world, "snet-aks-lb", "Inbound 200 Deny * 10.1.1.0/24");
      silence(world);
    },
    roots: ["aksv1-nsg-inbound-scoring-blocked"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/nsg rule create/],
  },
  {
    story: "a security group would keep others from the router",
    baseline: "kubernetes",
    change: (world) => guard(world, "snet-aks-lb", "Inbound 200 Deny * 10.77.0.0/16"),
    roots: [],
    not: ["aksv1-nsg-inbound-scoring-blocked"],
  },
];
