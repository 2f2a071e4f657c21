import type { World } from "../../src/lab/world.ts";
import { ail } from "./edit-cluster.ts";
import { forceTunnel, leaveBatchGroup, limitStorage, serverless } from "./edit-computes.ts";
import { accountRules, admitSubnets, doors, openAccount, takeAway } from "./edit-dependencies.ts";
import {
  addRules,
  addNetwork,
  computeSays,
  guard,
  loseNodes,
  networkProvider,
  reword,
  rule,
  subnet,
  throughFirewall,
} from "./edit-networks.ts";
import { add, resource, set, tcp } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const silentRegistry = `Failed to pull image: Get "https://acrmlprod.azurecr.io/v2/": dial tcp 20.62.128.32:443: i/o timeout`;
const account =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.Storage/storageAccounts/stmlprod";
const alias = "/services/Azure/MachineLearning";
const denyService = rule("Inbound 90 Deny * AzureMachineLearning");
const wayOut = ["Outbound 100 Allow Tcp MicrosoftContainerRegistry 443", "Outbound 110 Allow Tcp Storage 443"];

/** The registry has no private endpoint and answers everybody. */
function openRegistry(world: World): void {
  takeAway(world, doors.registry);
  set(world, doors.registry.target, { publicNetworkAccess: "Enabled", networkRuleSet: { defaultAction: "Allow" } });
}

/** The account has no private endpoint and answers everybody. */
function openStorage(world: World): void {
  openAccount(world);
  accountRules(world, { defaultAction: "Allow" });
}

/** Public addresses of storage do not answer. */
function silenceStorage(world: World): void {
  tcp(world, (address) => address.startsWith("20.150."), "timeout");
}

/** The nodes of the training cluster have public addresses and may be managed. */
function makePublic(world: World): void {
  computeSays(world, "train-cluster", { enableNodePublicIp: true });
  addRules(world, "nsg-compute", "Inbound 120 Allow Tcp AzureMachineLearning 44224");
}

/** Serverless compute stands in a network apart, with a NAT gateway of this address; the workspace lets a list in. */
function serverlessApart(world: World, address: string, allowed: readonly string[]): void {
  const subnetId = addNetwork(world, "vnet-serverless", "eastus2", false);
  const pip = `${networkProvider}/publicIPAddresses/pip-serverless`;
  const nat = `${networkProvider}/natGateways/nat-serverless`;
  const place = { location: "eastus2" };
  add(world, {
    ...place,
    id: pip,
    name: "pip-serverless",
    type: "Microsoft.Network/publicIPAddresses",
    properties: { ipAddress: address },
  });
  add(world, {
    ...place,
    id: nat,
    name: "nat-serverless",
    type: "Microsoft.Network/natGateways",
    properties: { publicIpAddresses: [{ id: pip }] },
  });
  const [subnet] = resource(world, "/virtualNetworks/vnet-serverless").properties.subnets as { properties: object }[];
  Object.assign(subnet?.properties ?? {}, { natGateway: { id: nat } });
  serverless(world, allowed, subnetId);
}

/** What leaves computes and nodes, and what stands on its way. */
export const computePathVariations: readonly Variation[] = [
  {
    story: "a group lets Microsoft's registry through and not the workspace's, and a pod cannot pull",
    baseline: "kubernetes",
    change(world) {
      openRegistry(world);
      guard(world, "snet-aks", ...wayOut, "Outbound 4000 Deny * *");
      ail(world, "blue-score1", 0, "ErrImagePull", silentRegistry);
    },
    roots: ["acr-outbound-tag-blocked"],
    effects: ["k8s-image-pull-failure"],
    fix: [/AzureContainerRegistry\.eastus2/],
  },
  {
    story: "a group lets Microsoft's registry through and not the workspace's, and every pod runs",
    baseline: "kubernetes",
    change(world) {
      openRegistry(world);
      guard(world, "snet-aks", ...wayOut, "Outbound 4000 Deny * *");
    },
    roots: [],
    warns: ["acr-outbound-tag-blocked"],
  },
  {
    story: "a group lets both registries through",
    baseline: "kubernetes",
    change(world) {
      openRegistry(world);
      guard(
        world,
        "snet-aks",
        ...wayOut,
        "Outbound 120 Allow Tcp AzureContainerRegistry 443",
        "Outbound 4000 Deny * *",
      );
    },
    roots: [],
    not: ["acr-outbound-tag-blocked", "aksv1-default-outbound-removed"],
  },
  {
    story: "a group lets Microsoft's registry through, and the workspace's has a private endpoint",
    baseline: "kubernetes",
    change: (world) =>
      guard(world, "snet-aks", ...wayOut, "Outbound 130 Allow * VirtualNetwork", "Outbound 4000 Deny * *"),
    roots: [],
    not: ["acr-outbound-tag-blocked"],
  },
  {
    story: "a service endpoint policy lists the account alone, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      limitStorage(world, account);
      loseNodes(world);
    },
    roots: ["exfil-service-endpoint-policy"],
    effects: ["cmp-nodes-unusable"],
    fix: [/services\/Azure\/MachineLearning/],
  },
  {
    story: "a service endpoint policy lists the account alone, and nothing complains",
    baseline: "customer-network",
    change: (world) => limitStorage(world, account),
    roots: [],
    warns: ["exfil-service-endpoint-policy"],
  },
  {
    story: "a service endpoint policy lists the service's own storage, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      limitStorage(world, alias);
      loseNodes(world);
    },
    roots: ["cmp-nodes-unusable"],
    not: ["exfil-service-endpoint-policy"],
  },
  {
    story: "a service endpoint policy lists the service's own storage, and the account has no private endpoint",
    baseline: "customer-network",
    change(world) {
      admitSubnets(world, ["Microsoft.Storage"]);
      limitStorage(world, alias);
    },
    roots: [],
    warns: ["exfil-service-endpoint-policy"],
  },
  {
    story: "the firewall lets some hosts of Visual Studio Code through",
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      reword(world, "ubuntu", { targetFqdns: ["archive.ubuntu.com", "marketplace.visualstudio.com"] });
    },
    roots: [],
    warns: ["fw-vscode-hosts-blocked"],
  },
  {
    story: "the firewall lets the hosts of Visual Studio Code through",
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      reword(world, "ubuntu", { targetFqdns: ["*.visualstudio.com", "*.gallerycdn.vsassets.io"] });
    },
    roots: [],
    not: ["fw-vscode-hosts-blocked"],
  },
  {
    story: "the firewall lets nothing of Visual Studio Code through",
    baseline: "customer-network",
    change: throughFirewall,
    roots: [],
    not: ["fw-vscode-hosts-blocked"],
  },
  {
    story: "somebody put a refusal into the group that Batch made, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      makePublic(world);
      leaveBatchGroup(world, denyService);
      loseNodes(world);
    },
    roots: ["nsg-subnet-and-nic-conflict"],
    effects: ["cmp-nodes-unusable"],
    fix: [/nsg rule delete/],
  },
  {
    story: "the group that Batch made is as Batch made it, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      makePublic(world);
      leaveBatchGroup(world);
      loseNodes(world);
    },
    roots: ["cmp-nodes-unusable"],
    not: ["nsg-subnet-and-nic-conflict"],
  },
  {
    story: "a gateway on premises keeps storage from the computes and this machine",
    baseline: "customer-network",
    change(world) {
      openStorage(world);
      forceTunnel(world, "snet-jump", "snet-compute");
      silenceStorage(world);
    },
    roots: ["udr-onprem-appliance-blocks-storage"],
    fix: [/stmlprod\.blob/],
  },
  {
    story: "storage is silent behind the hub's firewall, which this identity is not shown",
    baseline: "customer-network",
    change(world) {
      openStorage(world);
      forceTunnel(world, "snet-jump", "snet-compute");
      throughFirewall(world);
      const { routeTable } = resource(world, "/subnets/snet-compute").properties;
      subnet(world, "snet-jump", { routeTable });
      silenceStorage(world);
      const { id } = resource(world, "/azureFirewalls/fw-hub");
      world.arm.denied.push({ action: "Microsoft.Network/azureFirewalls/read", scope: id });
    },
    roots: [],
    not: ["udr-onprem-appliance-blocks-storage", "fw-missing-core-fqdns"],
  },
  {
    story: "a gateway on premises keeps storage from this machine alone",
    baseline: "customer-network",
    change(world) {
      openStorage(world);
      forceTunnel(world, "snet-jump");
      silenceStorage(world);
    },
    roots: [],
    not: ["udr-onprem-appliance-blocks-storage"],
  },
  {
    story: "a gateway on premises lets storage through",
    baseline: "customer-network",
    change(world) {
      openStorage(world);
      forceTunnel(world, "snet-jump", "snet-compute");
    },
    roots: [],
    not: ["udr-onprem-appliance-blocks-storage"],
  },
  {
    story: "serverless compute comes from an address that the workspace does not list",
    baseline: "customer-network",
    change: (world) => serverlessApart(world, "20.47.224.9", ["198.51.100.0/24"]),
    roots: [],
    warns: ["cmp-serverless-selected-ips"],
  },
  {
    story: "serverless compute comes from an address that the workspace lists",
    baseline: "customer-network",
    change: (world) => serverlessApart(world, "20.47.224.9", ["20.47.224.0/28"]),
    roots: [],
    not: ["cmp-serverless-selected-ips"],
  },
  {
    story: "serverless compute has a private endpoint of the workspace beside it",
    baseline: "customer-network",
    change: (world) => serverless(world, ["198.51.100.0/24"]),
    roots: [],
    not: ["cmp-serverless-selected-ips"],
  },
];
