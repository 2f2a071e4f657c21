import { networkGroup } from "./edit-dependencies.ts";
import { resource, set } from "./edit.ts";
import { attachTheOldWay, compute, managed, computeFails } from "./edit-cluster.ts";
import { attach, attachDatabricks, attachMachine, identifyCompute } from "./edit-computes.ts";
import { addNetwork, guard, rule } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

const refused = "SSH connection to the machine timed out";

/** What is attached to the workspace from elsewhere, and what stands between it and the service. */
export const attachedComputeVariations: readonly Variation[] = [
  {
    story: "a cluster is attached twice the v1 way",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      const { resourceId } = resource(world, compute).properties;
      attach(world, "aks-again", "AKS", String(resourceId), { loadBalancerType: "InternalLoadBalancer" });
    },
    roots: [],
    warns: ["aksv1-multiple-attach"],
  },
  {
    story: "two clusters are attached the v1 way, each once",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      const other = `${networkGroup}/Microsoft.ContainerService/managedClusters/gone`;
      attach(world, "aks-other", "AKS", other, { loadBalancerType: "InternalLoadBalancer" });
    },
    roots: [],
    not: ["aksv1-multiple-attach"],
  },
  {
    story: "the cluster of v1 has its API server on the internet",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      set(world, managed, { apiServerAccessProfile: null, privateFQDN: null, fqdn: "aks-ml.hcp.eastus2.azmk8s.io" });
    },
    roots: [],
    warns: ["aksv1-private-cluster-create-then-attach"],
  },
  {
    story: "the cluster of v1 has its API server on the internet for listed addresses",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      const apiServerAccessProfile = { authorizedIPRanges: ["203.0.113.0/24"] };
      set(world, managed, { apiServerAccessProfile, privateFQDN: null, fqdn: "aks-ml.hcp.eastus2.azmk8s.io" });
    },
    roots: [],
    not: ["aksv1-private-cluster-create-then-attach"],
  },
  {
    story: "an attachment of v1 failed behind a group that lets nobody in",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      guard(world, "snet-aks", "Outbound 100 Allow * *");
      computeFails(world, "AttachFailed", "The cluster could not be attached");
    },
    roots: [],
    warns: ["aksv1-nsg-inbound-azureml-missing"],
  },
  {
    story: "an attachment of v1 stands behind a group that lets nobody in",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      guard(world, "snet-aks", "Outbound 100 Allow * *");
    },
    roots: [],
    not: ["aksv1-nsg-inbound-azureml-missing"],
  },
  {
    story: "an attached machine could not be reached over SSH, which its group refuses",
    baseline: "customer-network",
    change: (world) => attachMachine(world, [rule("Inbound 100 Allow Tcp VirtualNetwork 22")], refused),
    roots: ["cmp-attached-vm-ssh-blocked"],
    fix: [/--source-address-prefixes AzureMachineLearning/],
  },
  {
    story: "an attached machine could not be reached over SSH, which its group allows",
    baseline: "customer-network",
    change: (world) => attachMachine(world, [rule("Inbound 100 Allow Tcp AzureMachineLearning 22")], refused),
    roots: [],
    not: ["cmp-attached-vm-ssh-blocked"],
  },
  {
    story: "a machine was attached before its group refused SSH",
    baseline: "customer-network",
    change: (world) => attachMachine(world, []),
    roots: [],
    not: ["cmp-attached-vm-ssh-blocked"],
  },
  {
    story: "the clusters of an attached Databricks workspace stand in a network of Databricks' own",
    baseline: "customer-network",
    change: (world) => attachDatabricks(world),
    roots: [],
    warns: ["cmp-databricks-vnet"],
  },
  {
    story: "the clusters of an attached Databricks workspace stand in a network that nothing joins to the workspace's",
    baseline: "customer-network",
    change(world) {
      addNetwork(world, "vnet-dbx", "eastus2", false);
      attachDatabricks(world, "vnet-dbx");
    },
    roots: [],
    warns: ["cmp-databricks-vnet"],
  },
  {
    story: "the clusters of an attached Databricks workspace stand in the hub",
    baseline: "customer-network",
    change: (world) => attachDatabricks(world, "vnet-hub"),
    roots: [],
    not: ["cmp-databricks-vnet"],
  },
  {
    story: "a workspace of v1 has a cluster with an identity and a closed registry",
    baseline: "customer-network",
    change(world) {
      set(world, "/workspaces/mlprod", { v1LegacyMode: true });
      identifyCompute(world, "train-cluster");
    },
    roots: ["ws-v1-legacy-mode-enabled"],
    warns: ["acr-managed-identity-compute-v1"],
  },
  {
    story: "a cluster has an identity, and the registry is closed",
    baseline: "customer-network",
    change: (world) => identifyCompute(world, "train-cluster"),
    roots: [],
    not: ["acr-managed-identity-compute-v1"],
  },
];
