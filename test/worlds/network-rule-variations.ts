import type { World } from "../../src/lab/world.ts";
import { accountRules, workspaceResource } from "./edit-dependencies.ts";
import { add, set, tcp } from "./edit.ts";
import { addRules, forbid, guard, loseNodes, reword, route, subnet, throughFirewall } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

/** Nothing answers at the private endpoints. */
const silence = (world: World): void => tcp(world, (address) => address.startsWith("10.1.0."), "timeout");

function fileShares(world: World, outcome: "open" | "timeout"): void {
  for (const one of world.network.endpoints) if (one.address === "10.1.0.11" && one.port === 445) one.tcp = outcome;
}

function privateLinkScope(world: World, ingestionAccessMode: string): void {
  const type = "microsoft.insights/privateLinkScopes";
  const id = `${workspaceResource.replace(/\/Microsoft\.MachineLearningServices.*/, "")}/${type}/ampls`;
  const properties = { accessModeSettings: { ingestionAccessMode, queryAccessMode: "Open" } };
  add(world, { id, type, name: "ampls", location: "global", properties });
}

/** What a firewall on the computes' way refuses, of which only some estates need one. */
function remark(story: string, id: string, change: (world: World) => void): Variation {
  return {
    story,
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      change(world);
    },
    roots: [],
    warns: [id],
  };
}

/** What rules, routes and firewalls do to the traffic of clients and computes, and what the studio makes of it. */
export const networkRuleVariations: readonly Variation[] = [
  {
    story: "a private endpoint could not be made in a subnet that is nearly full",
    baseline: "managed-network",
    change(world) {
      subnet(world, "snet-pe", { addressPrefix: "10.1.0.0/28" });
      set(world, "/privateEndpoints/pe-table", { provisioningState: "Failed" });
    },
    roots: ["pe-subnet-exhausted"],
  },
  {
    story: "the private endpoints' subnet is nearly full, and all were made",
    baseline: "managed-network",
    change: (world) => subnet(world, "snet-pe", { addressPrefix: "10.1.0.0/28" }),
    roots: [],
    warns: ["pe-subnet-exhausted"],
  },
  {
    story: "a route leads to the private endpoints through an appliance, where connections end",
    baseline: "managed-network",
    change(world) {
      subnet(world, "snet-pe", { privateEndpointNetworkPolicies: "RouteTableEnabled" });
      route(world, "snet-jump", "10.1.0.0/24", "10.0.1.9");
      silence(world);
    },
    roots: ["udr-routes-pe-through-nva"],
    effects: ["cv-tcp-443-to-pe-blocked"],
  },
  {
    story: "a route leads to the private endpoints through an appliance that lets connections through",
    baseline: "managed-network",
    change(world) {
      subnet(world, "snet-pe", { privateEndpointNetworkPolicies: "RouteTableEnabled" });
      route(world, "snet-jump", "10.1.0.0/24", "10.0.1.9");
    },
    roots: [],
    not: ["udr-routes-pe-through-nva"],
  },
  {
    story: "a group before the private endpoints keeps clients out",
    baseline: "managed-network",
    change(world) {
      subnet(world, "snet-pe", { privateEndpointNetworkPolicies: "Enabled" });
      guard(world, "snet-pe", "Inbound 200 Deny * 10.1.1.0/24");
      silence(world);
    },
    roots: ["pe-network-policies-block-traffic"],
    effects: ["cv-tcp-443-to-pe-blocked"],
    fix: [/nsg rule create/],
  },
  {
    story: "a group before the private endpoints would keep clients out, and does not apply to them",
    baseline: "managed-network",
    change: (world) => guard(world, "snet-pe", "Inbound 200 Deny * 10.1.1.0/24"),
    roots: [],
    not: ["pe-network-policies-block-traffic"],
  },
  {
    story: "a group keeps this machine from the private endpoints",
    baseline: "managed-network",
    change(world) {
      addRules(world, "nsg-jump", "Outbound 200 Deny Tcp VirtualNetwork 443");
      silence(world);
    },
    roots: ["cv-tcp-443-to-pe-blocked"],
    not: ["nsg-jumpbox-outbound-blocked", "pe-network-policies-block-traffic"],
    fix: [/nsg rule create .*--nsg-name nsg-jump .*--destination-address-prefixes 10\.1\.0\./],
  },
  {
    story: "a group keeps this machine from public services only",
    baseline: "managed-network",
    change: (world) => addRules(world, "nsg-jump", "Outbound 200 Deny Tcp Internet 443"),
    roots: [],
    warns: ["nsg-jumpbox-outbound-blocked"],
  },
  {
    story: "this machine's group lets it reach the virtual network alone, on the port that is needed",
    baseline: "managed-network",
    change: (world) => addRules(world, "nsg-jump", "Outbound 200 Allow Tcp VirtualNetwork 443"),
    roots: [],
    not: ["nsg-jumpbox-outbound-blocked"],
  },
  {
    story: "the file shares' private endpoint does not answer on port 445",
    baseline: "customer-network",
    change: (world) => fileShares(world, "timeout"),
    roots: ["fw-storage-445-and-ports"],
    fix: [/445/],
  },
  {
    story: "the firewall does not let the computes sign in, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      forbid(world, "aad");
      loseNodes(world);
    },
    roots: ["fw-missing-core-fqdns"],
    effects: ["cmp-nodes-unusable"],
    fix: [/AzureActiveDirectory/],
  },
  {
    story: "the firewall lets the computes reach all that is required, and no node is lost",
    baseline: "customer-network",
    change: throughFirewall,
    roots: [],
    not: ["fw-missing-core-fqdns", "fw-app-vs-network-rules", "fw-storage-445-and-ports"],
  },
  {
    story: "the firewall knows hosts by name whose other ports only network rules see, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      reword(world, "aml", { destinationPorts: ["443"] });
      loseNodes(world);
    },
    roots: ["fw-app-vs-network-rules"],
    effects: ["cmp-nodes-unusable"],
    not: ["fw-missing-core-fqdns"],
  },
  {
    story: "the firewall lost its rules for the service, whose hosts it knows by name, and nodes are lost",
    baseline: "customer-network",
    change(world) {
      throughFirewall(world);
      forbid(world, "aml", "batch", "arm");
      loseNodes(world);
    },
    roots: ["fw-missing-core-fqdns"],
    effects: ["cmp-nodes-unusable"],
    not: ["fw-app-vs-network-rules"],
    fix: [/put .*BatchNodeManagement-eastus2-443.*AzureMachineLearning-8787/],
  },
  remark("the firewall keeps telemetry back", "fw-hbi-keyvault-and-monitor", (world) => forbid(world, "monitor")),
  remark(
    "the firewall keeps the keys of a workspace with high business impact back",
    "fw-hbi-keyvault-and-monitor",
    (world) => {
      set(world, "/workspaces/mlprod", { hbiWorkspace: true });
      forbid(world, "keyvault");
    },
  ),
  remark("the firewall keeps the studio's pages back", "fw-frontdoor-studio-blocked", (world) =>
    forbid(world, "frontdoor-fe", "aml-studio"),
  ),
  remark("the firewall keeps interactive work back", "cmp-udp-5831-websocket-blocked", (world) =>
    forbid(world, "aml-udp"),
  ),
  remark("the firewall keeps public packages back", "fw-package-repos-blocked", (world) => forbid(world, "python")),
  remark("the firewall still has names of 2019", "fw-obsolete-2019-rule-set", (world) =>
    reword(world, "aml-api", { targetFqdns: ["*.api.azureml.ms", "mlworkspace.azure.ai"] }),
  ),
  {
    story: "the firewall lets through what any estate needs",
    baseline: "customer-network",
    change: throughFirewall,
    roots: [],
    not: [
      "fw-hbi-keyvault-and-monitor",
      "fw-frontdoor-studio-blocked",
      "cmp-udp-5831-websocket-blocked",
      "fw-package-repos-blocked",
      "fw-obsolete-2019-rule-set",
    ],
  },
  {
    story: "the workspace is public and its data private",
    baseline: "managed-network",
    change: (world) => set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled" }),
    roots: [],
    warns: ["studio-public-access-private-data"],
  },
  {
    story: "the workspace is private as its data is",
    baseline: "managed-network",
    change: () => undefined,
    roots: [],
    not: ["studio-public-access-private-data", "studio-storage-preview-disabled"],
  },
  {
    story: "the storage account admits neither trusted services nor the workspace, so that the studio shows no data",
    baseline: "managed-network",
    change: (world) => accountRules(world, { bypass: "None", resourceAccessRules: [] }),
    roots: ["st-trusted-access-missing"],
    warns: ["studio-storage-preview-disabled"],
  },
  {
    story: "a private link scope takes telemetry from private networks only",
    baseline: "managed-network",
    change: (world) => privateLinkScope(world, "PrivateOnly"),
    roots: [],
    warns: ["monitor-ampls-private-only"],
  },
  {
    story: "a private link scope takes telemetry from anywhere",
    baseline: "managed-network",
    change: (world) => privateLinkScope(world, "Open"),
    roots: [],
    not: ["monitor-ampls-private-only"],
  },
];
