import type { World } from "../../src/lab/world.ts";
import { resource, set } from "./edit.ts";
import {
  addNetwork,
  addRules,
  computeSays,
  dropRules,
  failToMake,
  loseNodes,
  route,
  subnet,
  throughFirewall,
} from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

const refuseAll = "Outbound 4096 Deny * *";
const policies =
  "Disable privateLinkServiceNetworkPolicies on the subnet before a compute without public addresses is made";

const missing =
  "The specified subnet has a network security group (nsg) that is missing the following rules: AzureActiveDirectory outbound";

/** The nodes of the training cluster have public addresses. */
function makePublic(world: World): void {
  computeSays(world, "train-cluster", { enableNodePublicIp: true });
}

/** Where the computes stand and what the service says of them. */
export const computeVariations: readonly Variation[] = [
  {
    story: "the computes' subnet is too small for the nodes that are asked for",
    baseline: "customer-network",
    change(world) {
      subnet(world, "snet-compute", { addressPrefix: "10.1.2.0/29" });
      computeSays(world, "train-cluster", { currentNodeCount: 1, targetNodeCount: 6 });
    },
    roots: ["cmp-subnet-ips-exhausted"],
  },
  {
    story: "the computes' subnet is small, and as many nodes as it holds are asked for",
    baseline: "customer-network",
    change(world) {
      subnet(world, "snet-compute", { addressPrefix: "10.1.2.0/29" });
      computeSays(world, "train-cluster", { currentNodeCount: 1, targetNodeCount: 1 });
    },
    roots: [],
    not: ["cmp-subnet-ips-exhausted"],
  },
  {
    story: "a group lets nobody manage computes with public addresses, whose nodes are lost",
    baseline: "customer-network",
    change(world) {
      makePublic(world);
      dropRules(world, "nsg-compute", "Allow-BatchNodeManagement-In");
      loseNodes(world);
    },
    roots: ["cmp-inbound-ports-blocked"],
    effects: ["cmp-nodes-unusable"],
    fix: [/44224/],
  },
  {
    story: "a group lets the service manage computes with public addresses in the older way only",
    baseline: "customer-network",
    change: makePublic,
    roots: [],
    warns: ["cmp-inbound-ports-blocked"],
  },
  {
    story: "a group lets the service manage computes with public addresses",
    baseline: "customer-network",
    change(world) {
      makePublic(world);
      addRules(world, "nsg-compute", "Inbound 120 Allow Tcp AzureMachineLearning 44224");
    },
    roots: [],
    not: ["cmp-inbound-ports-blocked"],
  },
  {
    story: "the subnet's network policies stop a compute without public addresses",
    baseline: "customer-network",
    change(world) {
      subnet(world, "snet-compute", { privateLinkServiceNetworkPolicies: "Enabled" });
      failToMake(world, "train-cluster", "NetworkPolicy", policies);
    },
    roots: ["cmp-npip-subnet-network-policies"],
    fix: [/private-link-service-network-policies/],
  },
  {
    story: "the subnet's network policies are on, and nothing names them",
    baseline: "customer-network",
    change: (world) => subnet(world, "snet-compute", { privateLinkServiceNetworkPolicies: "Enabled" }),
    roots: [],
    not: ["cmp-npip-subnet-network-policies"],
  },
  {
    story: "nodes are lost, and nothing of the network says why",
    baseline: "customer-network",
    change: (world) => loseNodes(world),
    roots: ["cmp-nodes-unusable"],
  },
  {
    story: "nodes are in use",
    baseline: "customer-network",
    change: (world) => computeSays(world, "train-cluster", { nodeStateCounts: { runningNodeCount: 2 } }),
    roots: [],
    not: ["cmp-nodes-unusable"],
  },
  {
    story: "computes without public addresses have no way out, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      subnet(world, "snet-compute", { natGateway: undefined, defaultOutboundAccess: false });
      loseNodes(world);
    },
    roots: ["cmp-npip-without-outbound"],
    effects: ["cmp-nodes-unusable"],
    fix: [/nat gateway create/],
  },
  {
    story: "computes without public addresses go out through a firewall instead of a NAT gateway",
    baseline: "customer-network",
    change(world) {
      subnet(world, "snet-compute", { natGateway: undefined, defaultOutboundAccess: false });
      throughFirewall(world);
    },
    roots: [],
    not: ["cmp-npip-without-outbound", "udr-forced-tunneling-breaks-compute", "fw-missing-core-fqdns"],
  },
  {
    story: "an instance was to be made in a network of another region",
    baseline: "customer-network",
    change(world) {
      Object.assign(resource(world, "/virtualNetworks/vnet-spoke"), { location: "westus3" });
      failToMake(world, "ci1", "VnetLocation", "The virtual network must be in the region of the compute");
    },
    roots: ["cmp-vnet-region-subscription-mismatch"],
  },
  {
    story: "an instance was to be made in a network of another region, whose subnet has no way out either",
    baseline: "customer-network",
    change(world) {
      const id = addNetwork(world, "vnet-west", "westus3", true);
      computeSays(world, "ci1", { subnet: { id } });
      failToMake(world, "ci1", "InvalidVNetRegion", "The virtual network is in westus3, the compute in eastus2");
    },
    roots: ["cmp-vnet-region-subscription-mismatch"],
    not: ["cmp-npip-without-outbound"],
  },
  {
    story: "a compute in a subnet without a way out could not be allocated",
    baseline: "customer-network",
    change(world) {
      subnet(world, "snet-compute", { natGateway: undefined });
      failToMake(world, "train-cluster", "AllocationFailed", "The nodes did not report back in time");
    },
    roots: ["cmp-npip-without-outbound"],
  },
  {
    story: "the computes' network is in another region, and they work",
    baseline: "customer-network",
    change: (world) => Object.assign(resource(world, "/virtualNetworks/vnet-spoke"), { location: "westus3" }),
    roots: [],
    not: ["cmp-vnet-region-subscription-mismatch"],
  },
  {
    story: "a cluster was to be made in a subnet that is delegated to something else",
    baseline: "customer-network",
    change(world) {
      const delegations = [{ name: "web", properties: { serviceName: "Microsoft.Web/serverFarms" } }];
      subnet(world, "snet-compute", { delegations });
      failToMake(world, "train-cluster", "SubnetDelegated", "The subnet is delegated to Microsoft.Web/serverFarms");
    },
    roots: ["cmp-subnet-delegated-or-tenant"],
  },
  {
    story: "a cluster could not be made for lack of cores",
    baseline: "customer-network",
    change: (world) => failToMake(world, "train-cluster", "QuotaExceeded", "The cluster has no cores left"),
    roots: [],
    warns: ["cmp-policy-lock-quota"],
    not: ["cmp-subnet-delegated-or-tenant", "cmp-subnet-nsg-missing-rules"],
  },
  {
    story: "a cluster could not be made in a size that the region lacks",
    baseline: "customer-network",
    change: (world) => failToMake(world, "train-cluster", "SkuNotAvailable", "The requested size is not available"),
    roots: [],
    not: ["cmp-policy-lock-quota"],
  },
  {
    story: "the service misses rules in the subnet's group",
    baseline: "customer-network",
    change: (world) => loseNodes(world, missing),
    roots: ["cmp-subnet-nsg-missing-rules"],
    effects: ["cmp-nodes-unusable"],
  },
  {
    story: "a policy forbids what a compute consists of",
    baseline: "customer-network",
    change: (world) =>
      failToMake(world, "train-cluster", "RequestDisallowedByPolicy", "Resource was disallowed by policy no-public-ip"),
    roots: ["cmp-policy-lock-quota"],
  },
  {
    story: "an appliance that nobody can look into stands on the way out, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      route(world, "snet-compute", "0.0.0.0/0", "10.0.1.9");
      loseNodes(world);
    },
    roots: ["udr-forced-tunneling-breaks-compute"],
    effects: ["cmp-nodes-unusable"],
    fix: [/AzureMachineLearning/],
  },
  {
    story: "an appliance that nobody can look into stands on the way out, and nothing complains",
    baseline: "customer-network",
    change: (world) => route(world, "snet-compute", "0.0.0.0/0", "10.0.1.9"),
    roots: [],
    not: ["udr-forced-tunneling-breaks-compute"],
  },
  {
    story: "the computes' group refuses to let them sign in, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      dropRules(world, "nsg-compute", "Allow-AAD-443");
      addRules(world, "nsg-compute", refuseAll);
      loseNodes(world);
    },
    roots: ["nsg-outbound-required-tags-missing"],
    effects: ["cmp-nodes-unusable"],
    fix: [/AzureActiveDirectory/],
  },
  {
    story: "the computes' group refuses all that is not required",
    baseline: "customer-network",
    change: (world) => addRules(world, "nsg-compute", refuseAll),
    roots: [],
    not: ["nsg-outbound-required-tags-missing"],
  },
  {
    story: "the network of the computes overlaps Docker's",
    baseline: "customer-network",
    change(world) {
      set(world, "/virtualNetworks/vnet-spoke", {
        addressSpace: { addressPrefixes: ["10.1.0.0/16", "172.17.2.0/24"] },
      });
      subnet(world, "snet-compute", { addressPrefix: "172.17.2.0/24" });
    },
    roots: ["ws-vnet-address-conflict"],
  },
  {
    story: "the subnet of this machine overlaps Docker's, where no compute is",
    baseline: "managed-network",
    change: (world) => subnet(world, "snet-jump", { addressPrefix: "172.17.2.0/24" }),
    roots: [],
    warns: ["ws-vnet-address-conflict"],
  },
  {
    story: "forced tunnelling drops the answers of computes with public addresses",
    baseline: "customer-network",
    change(world) {
      makePublic(world);
      addRules(world, "nsg-compute", "Inbound 120 Allow Tcp AzureMachineLearning 44224");
      route(world, "snet-compute", "0.0.0.0/0", "10.0.1.9");
      loseNodes(world);
    },
    roots: ["udr-forced-tunneling-breaks-compute"],
    effects: ["cmp-nodes-unusable"],
  },
  {
    story: "the service misses a rule that the subnet's group does not have",
    baseline: "customer-network",
    change(world) {
      dropRules(world, "nsg-compute", "Allow-AAD-443");
      addRules(world, "nsg-compute", refuseAll);
      loseNodes(world, missing);
    },
    roots: ["nsg-outbound-required-tags-missing"],
    effects: ["cmp-subnet-nsg-missing-rules", "cmp-nodes-unusable"],
  },
];
