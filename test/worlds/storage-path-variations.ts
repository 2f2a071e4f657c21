import type { World } from "../../src/lab/world.ts";
import { deploymentFails } from "./edit-deployment.ts";
import {
  accountResource,
  close,
  connectionState,
  doors,
  strangerAsks,
  takeAway,
  workspaceResource,
} from "./edit-dependencies.ts";
import { add, azureDns, publicDns, resource, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const account = "/storageAccounts/stmlprod";
const lakeHost = "stmlprod.dfs.core.windows.net";

function batchEndpoint(world: World): void {
  const type = "Microsoft.MachineLearningServices/workspaces/batchEndpoints";
  add(world, { id: `${workspaceResource}/batchEndpoints/nightly`, name: "nightly", type, properties: {} });
}

function datastore(world: World, name: string, properties: Record<string, unknown>): void {
  const type = "Microsoft.MachineLearningServices/workspaces/datastores";
  const credentials = { credentialsType: "None" };
  add(world, { id: `${workspaceResource}/datastores/${name}`, name, type, properties: { credentials, ...properties } });
}

/** The default account has a hierarchical namespace, which a datastore uses, and its dfs name is the public one. */
function dataLake(world: World): void {
  set(world, account, { isHnsEnabled: true });
  datastore(world, "lake", { datastoreType: "AzureDataLakeGen2", accountName: "stmlprod", filesystem: "curated" });
  for (const server of [azureDns, publicDns])
    world.dns.servers[server]?.records.push({ name: lakeHost, type: "A", ttl: 60, data: "20.150.30.11" });
  const headers = { "x-ms-error-code": "AuthorizationFailure", "content-type": "application/xml" };
  world.network.endpoints.push({
    address: "20.150.30.11",
    port: 443,
    tcp: "open",
    tls: { names: ["*.dfs.core.windows.net"], issuer: "public-ca" },
    http: [{ host: lakeHost, status: 403, headers, body: "" }],
  });
}

/** Another account, closed to the public, that a datastore names. */
function otherAccount(world: World, access: string): void {
  const own = resource(world, account);
  const id = accountResource.replace("stmlprod", "stother");
  const type = "Microsoft.Storage/storageAccounts";
  add(world, {
    ...structuredClone(own),
    id,
    type,
    name: "stother",
    properties: {
      ...structuredClone(own.properties),
      publicNetworkAccess: access,
      ...(access === "Enabled" ? { networkAcls: { defaultAction: "Allow", bypass: "AzureServices" } } : {}),
      privateEndpointConnections: [],
      primaryEndpoints: { blob: "https://stother.blob.core.windows.net/" },
    },
  });
  datastore(world, "other", { datastoreType: "AzureBlob", accountName: "stother", containerName: "data" });
}

export const storagePathVariations: readonly Variation[] = [
  {
    story: "the storage account's blob endpoint is pending",
    baseline: "managed-network",
    change: (world) => close(world, doors.blob, "Pending"),
    roots: ["st-pe-not-approved"],
    effects: ["cv-tcp-443-to-pe-blocked", "st-no-blob-pe"],
    fix: [/private-endpoint-connection approve/],
  },
  {
    story: "a stranger asks for a private endpoint of the storage account",
    baseline: "managed-network",
    change: (world) => strangerAsks(world, account),
    roots: [],
    not: ["st-pe-not-approved", "mn-outbound-pe-pending"],
  },
  {
    story: "a deployment's own way to the storage account is pending",
    baseline: "customer-network",
    change(world) {
      connectionState(world, account, "score1-blue-blob", "Pending");
      deploymentFails(world, {
        step: "ModelDownload",
        warning: "Failed to download model churn:7: connection timed out",
      });
    },
    roots: ["st-pe-not-approved"],
    effects: ["dep-unable-download-model"],
  },
  {
    story: "the storage account has no private endpoint for blob",
    baseline: "managed-network",
    change: (world) => takeAway(world, doors.blob),
    roots: ["st-no-blob-pe"],
    effects: ["st-firewall-blocks-client"],
    not: ["st-dns-resolves-public"],
    fix: [/private-endpoint create.*--group-id blob/],
  },
  {
    story: "the storage account has no private endpoint for file",
    baseline: "managed-network",
    change: (world) => takeAway(world, doors.file),
    roots: ["st-no-file-pe"],
    effects: ["st-firewall-blocks-client"],
    fix: [/--group-id file/],
  },
  {
    story: "the storage account has no private endpoint for queue, which nothing uses",
    baseline: "managed-network",
    change: (world) => takeAway(world, doors.queue),
    roots: [],
    not: ["st-no-queue-table-pe"],
  },
  {
    story: "a data lake is used whose dfs name has no private endpoint",
    baseline: "managed-network",
    change: dataLake,
    roots: ["st-no-dfs-pe"],
    effects: ["st-firewall-blocks-client"],
    fix: [/--group-id dfs/],
  },
  {
    story: "a batch endpoint has no private endpoints for queue and table",
    baseline: "customer-network",
    change(world) {
      batchEndpoint(world);
      takeAway(world, doors.queue);
      takeAway(world, doors.table);
    },
    roots: ["st-no-queue-table-pe"],
    fix: [/--group-id queue/, /--group-id table/],
  },
  {
    story: "a batch endpoint has what it needs",
    baseline: "customer-network",
    change: batchEndpoint,
    roots: [],
    not: ["st-no-queue-table-pe"],
  },
  {
    story: "a batch endpoint is served by a managed network without rules for queue and table",
    baseline: "managed-network",
    change: batchEndpoint,
    roots: ["st-no-queue-table-pe"],
    fix: [/outboundRules/],
  },
  {
    story: "a datastore names another account, to which the managed network has no rule",
    baseline: "managed-network",
    change: (world) => otherAccount(world, "Disabled"),
    roots: ["st-nondefault-account-private"],
    fix: [/outboundRules/, /stother/],
  },
  {
    story: "a datastore names another account, which is open",
    baseline: "managed-network",
    change: (world) => otherAccount(world, "Enabled"),
    roots: [],
    not: ["st-nondefault-account-private"],
  },
];
