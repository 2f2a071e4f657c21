import type { World } from "../../src/lab/world.ts";
import { azureDns, forget, remove, set, tcp } from "./edit.ts";
import { forgetConnection } from "./edit-dependencies.ts";
import { openSecondEndpoint, overwriteRecords, secondEndpoint } from "./edit-workspace.ts";
import type { Variation } from "./expect-variation.ts";

const guid = "11112222-3333-4444-8555-666677778888";
const doorways = new Set(["10.1.0.5", "10.1.0.6", "10.1.0.7"]);

/** The workspace no longer knows the clients' connection; what stood at the private endpoint's addresses is gone. */
function loseConnection(world: World): void {
  forgetConnection(world, "/workspaces/mlprod", "/privateEndpoints/pe-ws");
  tcp(world, (address) => doorways.has(address), "timeout");
}

/** The clients' private endpoint of the workspace is deleted. */
function deleteEndpoint(world: World): void {
  loseConnection(world);
  remove(world, "/privateEndpoints/pe-ws");
  remove(world, "/networkInterfaces/pe-ws-nic");
}

/** The zones hold none of the workspace's records. */
function deleteRecords(world: World): void {
  remove(world, `/A/${guid}`);
  remove(world, `/A/*.${guid}`);
  remove(world, `/A/ml-mlprod-eastus2-${guid}`);
  for (const part of [`${guid}.workspace.eastus2.privatelink`, "cert.privatelink", `*.${guid}`])
    forget(world, azureDns, part);
  const server = world.dns.servers[azureDns];
  if (server)
    server.records = server.records.filter(
      ({ name, type }) => !(type === "A" && name.endsWith("privatelink.notebooks.azure.net")),
    );
}

/** What can be wrong with the workspace's private endpoint itself. */
export const privateEndpointVariations: readonly Variation[] = [
  {
    story: "the private endpoint is there, and the workspace no longer knows its connection",
    baseline: "managed-network",
    change: loseConnection,
    roots: ["pe-provisioning-failed-or-stale-object"],
    effects: ["cv-tcp-443-to-pe-blocked"],
    not: ["ws-no-private-endpoint", "ws-pe-removed-not-public", "pe-connection-not-approved"],
    fix: [/private-endpoint delete/, /private-endpoint create/],
  },
  {
    story: "the private endpoint's resource says that its last update failed, and it works",
    baseline: "managed-network",
    change: (world) => set(world, "/privateEndpoints/pe-ws", { provisioningState: "Failed" }),
    roots: [],
    not: ["pe-provisioning-failed-or-stale-object"],
  },
  {
    story: "the private endpoint was deleted, and its records are still there",
    baseline: "managed-network",
    change: deleteEndpoint,
    roots: ["ws-pe-removed-not-public"],
    not: ["ws-no-private-endpoint", "pe-provisioning-failed-or-stale-object"],
    fix: [/private-endpoint create/],
  },
  {
    story: "the private endpoint was deleted, and another one in the hub took over",
    baseline: "managed-network",
    change(world) {
      secondEndpoint(world);
      overwriteRecords(world);
      openSecondEndpoint(world);
      deleteEndpoint(world);
    },
    roots: [],
    not: ["ws-pe-removed-not-public", "ws-no-private-endpoint"],
  },
  {
    story: "the workspace was closed and never had a private endpoint for its clients",
    baseline: "managed-network",
    change(world) {
      deleteEndpoint(world);
      deleteRecords(world);
    },
    roots: ["ws-no-private-endpoint"],
    not: ["ws-pe-removed-not-public", "pe-provisioning-failed-or-stale-object"],
    fix: [/private-endpoint create/],
  },
];
