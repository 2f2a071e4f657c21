import { close, doors, strangerAsks, takeAway } from "./edit-dependencies.ts";
import { set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const vault = "/vaults/kvmlprod";

export const keyVaultVariations: readonly Variation[] = [
  {
    story: "the key vault's private endpoint connection is pending",
    baseline: "managed-network",
    change: (world) => close(world, doors.vault, "Pending"),
    roots: ["kv-pe-not-approved"],
    effects: ["cv-tcp-443-to-pe-blocked"],
    fix: [/private-endpoint-connection approve/],
  },
  {
    story: "the key vault's private endpoint connection was rejected",
    baseline: "managed-network",
    change: (world) => close(world, doors.vault, "Rejected"),
    roots: ["kv-pe-not-approved"],
    fix: [/private-endpoint delete/, /private-endpoint create/],
  },
  {
    story: "a stranger asks for a private endpoint of the key vault",
    baseline: "managed-network",
    change: (world) => strangerAsks(world, vault),
    roots: [],
    not: ["kv-pe-not-approved", "mn-outbound-pe-pending"],
  },
  {
    story: "the key vault has no private endpoint for the clients",
    baseline: "managed-network",
    change: (world) => takeAway(world, doors.vault),
    roots: ["kv-no-pe-in-client-vnet"],
    effects: ["kv-firewall-blocks-client"],
    fix: [/private-endpoint create.*--group-id vault/],
  },
  {
    story: "the key vault has no private endpoint for the clients, and lets everybody in",
    baseline: "managed-network",
    change(world) {
      takeAway(world, doors.vault);
      set(world, vault, { publicNetworkAccess: "Enabled", networkAcls: { defaultAction: "Allow", bypass: "None" } });
    },
    roots: [],
    not: ["kv-no-pe-in-client-vnet", "kv-bypass-not-azureservices"],
  },
  {
    story: "the key vault's firewall keeps trusted services out",
    baseline: "managed-network",
    change: (world) => set(world, vault, { networkAcls: { bypass: "None", defaultAction: "Deny" } }),
    roots: ["kv-bypass-not-azureservices"],
    fix: [/keyvault update.*--bypass AzureServices/],
  },
  {
    story: "the key vault's firewall keeps trusted services out, of which no endpoint needs one",
    baseline: "managed-network",
    change(world) {
      set(world, vault, { networkAcls: { bypass: "None", defaultAction: "Deny" } });
      set(world, "/onlineEndpoints/score1", { authMode: "AADToken" });
    },
    roots: [],
    warns: ["kv-bypass-not-azureservices"],
  },
];
