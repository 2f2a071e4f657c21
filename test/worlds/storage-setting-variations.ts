import type { World } from "../../src/lab/world.ts";
import { deploymentFails, egress } from "./edit-deployment.ts";
import {
  accountRules,
  doors,
  forgetConnection,
  identify,
  networkGroup,
  principals,
  revoke,
  takeAway,
  workspaceResource,
} from "./edit-dependencies.ts";
import { resource, resources, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const account = "/storageAccounts/stmlprod";
const computeSubnet = `${networkGroup}/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-compute`;

/** The account has no private endpoint: it admits the clients' subnet, and another with these services on. */
function admitSubnets(world: World, services: readonly string[]): void {
  for (const door of [doors.blob, doors.file, doors.queue, doors.table]) takeAway(world, door);
  forgetConnection(world, account, "score1-blue-");
  set(world, account, { publicNetworkAccess: "Enabled" });
  const network = resource(world, "/virtualNetworks/vnet-spoke").properties.subnets as {
    id: string;
    properties: object;
  }[];
  const admitted = network.filter(({ id }) => /snet-(?:jump|compute)$/.test(id));
  for (const { id, properties } of admitted) {
    const on = id.endsWith("snet-jump") ? ["Microsoft.Storage"] : services;
    Object.assign(properties, { serviceEndpoints: on.map((service) => ({ service })) });
  }
  accountRules(world, { virtualNetworkRules: admitted.map(({ id }) => ({ id, action: "Allow" })) });
  for (const { address, http = [] } of world.network.endpoints)
    if (address.startsWith("20.150.30."))
      for (const rule of http)
        Object.assign(rule, { body: "", headers: { ...rule.headers, "x-ms-error-code": "AuthenticationFailed" } });
}

const userAssigned = {
  type: "UserAssigned",
  userAssignedIdentities: {
    [`${networkGroup}/Microsoft.ManagedIdentity/userAssignedIdentities/id-ws`]: {
      principalId: principals.workspace,
      clientId: "00000000-0000-4000-8000-0000000c0001",
    },
  },
};

export const storageSettingVariations: readonly Variation[] = [
  {
    story: "the storage account refuses the keys that the datastores hold",
    baseline: "managed-network",
    change: (world) => set(world, account, { allowSharedKeyAccess: false }),
    roots: ["st-shared-key-disabled"],
    fix: [/systemDatastoresAuthMode/],
  },
  {
    story: "the storage account refuses keys, and the workspace uses identities",
    baseline: "managed-network",
    change(world) {
      set(world, account, { allowSharedKeyAccess: false });
      set(world, "/workspaces/mlprod", { systemDatastoresAuthMode: "identity" });
      for (const { properties } of resources(world, "Microsoft.MachineLearningServices/workspaces/datastores"))
        properties.credentials = { credentialsType: "None" };
    },
    roots: [],
    not: ["st-shared-key-disabled"],
  },
  {
    story: "the storage account admits neither trusted services nor the workspace",
    baseline: "managed-network",
    change: (world) => accountRules(world, { bypass: "None", resourceAccessRules: [] }),
    roots: ["st-trusted-access-missing"],
    fix: [/--bypass AzureServices/],
  },
  {
    story: "the storage account admits the workspace by name",
    baseline: "managed-network",
    change: (world) =>
      accountRules(world, { bypass: "Logging", resourceAccessRules: [{ resourceId: workspaceResource }] }),
    roots: [],
    not: ["st-trusted-access-missing"],
  },
  {
    story: "the storage account admits a subnet without a service endpoint",
    baseline: "customer-network",
    change: (world) => admitSubnets(world, []),
    roots: ["st-service-endpoint-layout"],
    fix: [/--service-endpoints Microsoft\.Storage/],
  },
  {
    story: "the storage account admits a subnet with a service endpoint",
    baseline: "customer-network",
    change: (world) => admitSubnets(world, ["Microsoft.Storage"]),
    roots: [],
    not: ["st-service-endpoint-layout"],
  },
  {
    story: "the storage account has service endpoint rules beside the managed network's private endpoints",
    baseline: "managed-network",
    change: (world) => accountRules(world, { virtualNetworkRules: [{ id: computeSubnet, action: "Allow" }] }),
    roots: [],
    warns: ["st-pe-and-service-endpoint"],
  },
  {
    story: "the workspace of a cluster has no system-assigned identity, and its storage account is private",
    baseline: "kubernetes",
    change: (world) => identify(world, userAssigned),
    roots: ["st-uai-on-private-storage"],
    fix: [/SystemAssigned/],
  },
  {
    story: "the workspace of a cluster has both kinds of identities",
    baseline: "kubernetes",
    change(world) {
      const { tenantId } = world.identity;
      identify(world, {
        ...userAssigned,
        type: "SystemAssigned,UserAssigned",
        principalId: principals.workspace,
        tenantId,
      });
    },
    roots: [],
    not: ["st-uai-on-private-storage"],
  },
  {
    story: "the workspace of a cluster holds sensitive data, and its identity may not use the storage account",
    baseline: "kubernetes",
    change(world) {
      set(world, "/workspaces/mlprod", { hbiWorkspace: true });
      revoke(world, principals.workspace, account);
    },
    roots: ["st-hbi-roles-missing"],
    fix: [/role assignment create/],
  },
  {
    story: "the model lies in an account that secured egress does not reach",
    baseline: "customer-network",
    change(world) {
      egress(world, "Disabled");
      const warning = "Failed to download model from https://stforeign.blob.core.windows.net/models/churn: i/o error";
      deploymentFails(world, { step: "ModelDownload", warning });
    },
    roots: ["st-model-in-foreign-storage"],
    effects: ["dep-unable-download-model"],
  },
  {
    story: "the workspace holds old keys of its registry",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, { lines: ["ImageBuildFailure: container registry authorization failure"] }),
    roots: ["st-key-desync"],
    effects: ["dep-image-build-failed-private-acr"],
    fix: [/resyncKeys/],
  },
];
