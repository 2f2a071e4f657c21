import type { World } from "../../src/lab/world.ts";
import { set, tcp } from "./edit.ts";
import { addNetwork } from "./edit-networks.ts";
import { openSecondEndpoint, project, secondEndpoint } from "./edit-workspace.ts";
import type { Variation } from "./expect-variation.ts";

/** Lets private endpoints stand in a subnet. */
function place(world: World, names: readonly string[], id: string): void {
  for (const name of names) set(world, `/privateEndpoints/${name}`, { subnet: { id } });
}

/** What the service's own diagnosis says of DNS. */
function diagnosed(world: World, level: string, code: string): void {
  for (const action of world.arm.actions)
    if (action.path.endsWith("/mlprod/diagnose"))
      action.body = { value: { dnsResolutionResults: [{ code, level, message: "The answer differs from ours." }] } };
}

const dependencies = ["pe-kv", "pe-blob", "pe-file", "pe-acr"] as const;
const theirs = /^10\.1\.0\.1[0-4]$/;

/** The workspace beside its networks: where its dependencies stand, its hub, and what the service says of it. */
export const estateVariations: readonly Variation[] = [
  {
    story: "what the workspace depends on has its private endpoints in a network of its own, out of reach",
    baseline: "managed-network",
    change(world) {
      place(world, dependencies, addNetwork(world, "vnet-data", "eastus2", false));
      tcp(world, (address) => theirs.test(address), "timeout");
    },
    roots: ["kv-no-pe-in-client-vnet", "st-no-blob-pe", "st-no-file-pe", "acr-no-private-endpoint"],
    effects: ["cv-tcp-443-to-pe-blocked"],
    warns: ["ws-dependencies-different-vnet"],
  },
  {
    story: "what the workspace depends on has its private endpoints in a network that is peered",
    baseline: "managed-network",
    change: (world) => place(world, dependencies, addNetwork(world, "vnet-data", "eastus2", true)),
    roots: [],
    not: ["ws-dependencies-different-vnet", "ws-multiple-pe-vnets-missing-deps"],
  },
  {
    story: "a further network without a way to the dependencies has a private endpoint of the workspace",
    baseline: "managed-network",
    change(world) {
      secondEndpoint(world);
      openSecondEndpoint(world);
      place(world, ["pe-hub"], addNetwork(world, "vnet-lab", "eastus2", false));
    },
    roots: [],
    warns: ["ws-multiple-pe-vnets-missing-deps"],
    not: ["ws-dependencies-different-vnet"],
  },
  {
    story: "the service's own diagnosis remarks on DNS",
    baseline: "managed-network",
    change: (world) => diagnosed(world, "Warning", "CustomDnsInUse"),
    roots: [],
    warns: ["ws-diagnose-findings"],
  },
  {
    story: "the service's own diagnosis informs about DNS",
    baseline: "managed-network",
    change: (world) => diagnosed(world, "Information", "CustomDnsInUse"),
    roots: [],
    not: ["ws-diagnose-findings"],
  },
  {
    story: "the workspace is a project that reads as public, and its hub is closed",
    baseline: "managed-network",
    change(world) {
      project(world);
      set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled" });
    },
    roots: [],
    warns: ["ws-hub-project-fqdn-inheritance"],
    not: ["ws-public-access-posture", "studio-public-access-private-data"],
  },
  {
    story: "the workspace is a project that reads as its hub does, in other letters",
    baseline: "managed-network",
    change(world) {
      project(world);
      set(world, "/workspaces/mlprod", { publicNetworkAccess: "disabled" });
    },
    roots: [],
    not: ["ws-hub-project-fqdn-inheritance"],
  },
];
