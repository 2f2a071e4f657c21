import type { World } from "../../src/lab/world.ts";
import { containerSays, deploymentFails } from "./edit-deployment.ts";
import { identify, networkGroup, principals, revoke } from "./edit-dependencies.ts";
import { resource, resources, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const vault = "/vaults/kvmlprod";
const account = "/storageAccounts/stmlprod";
const workspace = "/workspaces/mlprod";
const subnet = `${networkGroup}/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-compute`;
const otherPrincipal = "00000000-0000-4000-8000-0000000d0001";

function downloadFails(world: World, why: string): void {
  deploymentFails(world, { step: "ModelDownload", warning: `Failed to download model churn:7: ${why}` });
}

/** The service refused the caller this action while it made the deployment. */
function refuse(world: World, action: string, scope: string): void {
  const line = `AuthorizationFailed: The client 'dev@contoso.com' with object id '${otherPrincipal}' does not have authorization to perform action '${action}' over scope '${scope}'.`;
  deploymentFails(world, { lines: [line] });
}

/** The workspace acts with a user-assigned identity that holds the roles of `principalId`. */
function actAs(world: World, principalId: string): void {
  const id = `${networkGroup}/Microsoft.ManagedIdentity/userAssignedIdentities/id-ws`;
  identify(world, { type: "UserAssigned", userAssignedIdentities: { [id]: { principalId, clientId: principalId } } });
  set(world, workspace, { primaryUserAssignedIdentity: id });
}

export const identityVariations: readonly Variation[] = [
  {
    story: "the key vault belongs to another tenant, and a deployment failed",
    baseline: "managed-network",
    change(world) {
      set(world, vault, { tenantId: "00000000-0000-4000-8000-00000000bbbb" });
      deploymentFails(world, { step: "SystemSetup" });
    },
    roots: ["ws-dependencies-subscription-or-tenant"],
    effects: ["dep-provisioning-failed"],
  },
  {
    story: "the key vault belongs to another tenant, and all is up",
    baseline: "managed-network",
    change: (world) => set(world, vault, { tenantId: "00000000-0000-4000-8000-00000000bbbb" }),
    roots: [],
    warns: ["ws-dependencies-subscription-or-tenant"],
  },
  {
    story: "the deployer may not write endpoints",
    baseline: "managed-network",
    change: (world) =>
      refuse(
        world,
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/write",
        resource(world, "/onlineEndpoints/score1").id,
      ),
    roots: ["rbac-contributor-on-rg"],
    effects: ["dep-provisioning-failed"],
    fix: [/role assignment create.*Contributor/],
  },
  {
    story: "the model's own code is refused an action",
    baseline: "managed-network",
    change: (world) =>
      containerSays(world, [
        "AuthorizationFailed: the client does not have authorization to perform action 'Microsoft.Storage/storageAccounts/read'",
      ]),
    roots: [],
    not: ["rbac-contributor-on-rg", "rbac-network-join-missing", "dep-provisioning-failed"],
  },
  {
    story: "the deployer may not join the subnet",
    baseline: "managed-network",
    change: (world) => refuse(world, "Microsoft.Network/virtualNetworks/subnets/join/action", subnet),
    roots: ["rbac-network-join-missing"],
    effects: ["dep-provisioning-failed"],
    fix: [/Network Contributor/],
  },
  {
    story: "the endpoint's identity may not read the models",
    baseline: "managed-network",
    change(world) {
      revoke(world, principals.endpoint, account);
      downloadFails(
        world,
        "AuthorizationPermissionMismatch: not authorized to perform this operation using this permission",
      );
    },
    roots: ["dep-identity-missing-roles"],
    effects: ["dep-unable-download-model"],
    fix: [/Storage Blob Data Reader/],
  },
  {
    story: "the endpoint's identity may not read the models, and the deployment is up",
    baseline: "managed-network",
    change: (world) => revoke(world, principals.endpoint, account),
    roots: [],
    warns: ["dep-identity-missing-roles"],
  },
  {
    story: "the endpoint's identity may not read the models, and no deployment may be read",
    baseline: "managed-network",
    change(world) {
      revoke(world, principals.endpoint, account);
      world.arm.denied.push({
        action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/read",
        scope: "/",
      });
    },
    roots: [],
    verdict: "inconclusive",
    warns: ["dep-identity-missing-roles"],
  },
  {
    story: "the endpoint's identity holds its roles on the resource group",
    baseline: "managed-network",
    change(world) {
      for (const { properties } of resources(world, "Microsoft.Authorization/roleAssignments"))
        if (properties.principalId === principals.endpoint)
          properties.scope = resource(world, workspace).id.split("/").slice(0, 5).join("/");
    },
    roots: [],
    not: ["dep-identity-missing-roles", "acr-identity-missing-acrpull"],
  },
  {
    story: "the workspace's own identity holds no roles",
    baseline: "managed-network",
    change: (world) => actAs(world, otherPrincipal),
    roots: ["rbac-uai-workspace-roles"],
    effects: ["kv-identity-permission-missing"],
    fix: [/Key Vault Administrator/],
  },
  {
    story: "the workspace's own identity may not read the vault",
    baseline: "managed-network",
    change(world) {
      actAs(world, principals.workspace);
      revoke(world, principals.workspace, vault);
    },
    roots: ["kv-identity-permission-missing"],
    fix: [/role assignment create/],
  },
  {
    story: "the workspace's own identity holds what it needs",
    baseline: "managed-network",
    change: (world) => actAs(world, principals.workspace),
    roots: [],
    not: ["rbac-uai-workspace-roles", "kv-identity-permission-missing"],
  },
];
