import { deploymentFails, egress } from "./edit-deployment.ts";
import {
  accountRules,
  admitSubnets,
  identify,
  networkGroup,
  principals,
  revoke,
  workspaceResource,
} from "./edit-dependencies.ts";
import { resources, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const account = "/storageAccounts/stmlprod";
const computeSubnet = `${networkGroup}/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-compute`;

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
    not: ["st-service-endpoint-layout", "st-firewall-blocks-client", "st-no-blob-pe", "st-no-file-pe"],
  },
  {
    story: "the storage account has rules for subnets without a service endpoint, and refuses nobody",
    baseline: "customer-network",
    change(world) {
      admitSubnets(world, []);
      accountRules(world, { defaultAction: "Allow" });
    },
    roots: [],
    not: ["st-service-endpoint-layout"],
  },
  {
    story: "the storage account admits the clients' subnet and not that of the computes",
    baseline: "customer-network",
    change: (world) => admitSubnets(world, ["Microsoft.Storage"], /snet-jump$/),
    roots: ["st-service-endpoint-layout"],
    fix: [/network-rule add .*snet-compute/],
  },
  {
    story: "the storage account admits the clients' subnet, and other callers by address",
    baseline: "customer-network",
    change(world) {
      admitSubnets(world, ["Microsoft.Storage"], /snet-jump$/);
      accountRules(world, { ipRules: [{ value: "20.47.224.9", action: "Allow" }] });
    },
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
  {
    story: "the account takes no keys, and the service says that it was refused for that",
    baseline: "managed-network",
    change(world) {
      set(world, account, { allowSharedKeyAccess: false });
      deploymentFails(world, {
        step: "ModelDownload",
        warning: "Failed to download models: KeyBasedAuthenticationNotPermitted, account stmlprod",
      });
    },
    roots: ["st-shared-key-disabled"],
    effects: ["dep-unable-download-model"],
    not: ["st-firewall-blocks-client"],
  },
  {
    story: "the account takes no keys, and the download failed for want of a role",
    baseline: "managed-network",
    change(world) {
      set(world, account, { allowSharedKeyAccess: false });
      revoke(world, principals.endpoint, account);
      deploymentFails(world, {
        step: "ModelDownload",
        warning: "Failed to download models: AuthorizationPermissionMismatch, account stmlprod",
      });
    },
    roots: ["st-shared-key-disabled", "dep-identity-missing-roles"],
  },
  {
    story: "the registry refuses the password that the workspace holds",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        lines: ["Image build failed for environment churn-env:12. unauthorized: Invalid clientid or client secret."],
      }),
    roots: ["st-key-desync"],
    effects: ["dep-image-build-failed-private-acr"],
  },
];
