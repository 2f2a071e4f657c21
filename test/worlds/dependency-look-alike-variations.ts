import type { World } from "../../src/lab/world.ts";
import { deploymentFails, egress, image } from "./edit-deployment.ts";
import {
  accountResource,
  accountRules,
  doors,
  networkGroup,
  principals,
  strangerAsks,
  takeAway,
} from "./edit-dependencies.ts";
import { addNameRule, modelCalls, setRule } from "./edit-managed-network.ts";
import { subnet } from "./edit-networks.ts";
import { add, remove, resource, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const account = "/storageAccounts/stmlprod";
const clients = `${networkGroup}/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-jump`;

/** The key vault has no private endpoint and admits the clients' subnet by its firewall. */
function vaultBySubnet(world: World): void {
  takeAway(world, doors.vault);
  subnet(world, "snet-jump", { serviceEndpoints: [{ service: "Microsoft.KeyVault" }] });
  const networkAcls = { bypass: "AzureServices", defaultAction: "Deny", virtualNetworkRules: [{ id: clients }] };
  set(world, doors.vault.target, { publicNetworkAccess: "Enabled", networkAcls });
  for (const one of world.network.endpoints)
    if (one.address === "20.41.4.99") one.http = [{ status: 401, headers: {}, body: "" }];
}

/** The workspace's identity may list the account's keys, beside the roles for data that it has. */
function letManageKeys(world: World): void {
  const contributor = "17d1049b-9a84-46fb-8f53-869881c3d3ab";
  const roleDefinitionId = `/subscriptions/${world.target.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${contributor}`;
  const actions = ["Microsoft.Storage/storageAccounts/*"];
  const permissions = [{ actions, notActions: [], dataActions: [], notDataActions: [] }];
  const roleName = "Storage Account Contributor";
  const type = "Microsoft.Authorization/roleDefinitions";
  add(world, { id: roleDefinitionId, name: contributor, type, properties: { roleName, permissions } });
  const its = { principalId: principals.workspace, principalType: "ServicePrincipal", scope: accountResource };
  add(world, {
    id: `${accountResource}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-0000000a0001`,
    name: "00000000-0000-4000-8000-0000000a0001",
    type: "Microsoft.Authorization/roleAssignments",
    properties: { ...its, roleDefinitionId },
  });
}

/** Estates in which what the workspace depends on looks wrong, and is sound or not to blame. */
export const dependencyLookAlikeVariations: readonly Variation[] = [
  {
    story: "the key vault is reached by its public address from a subnet that it admits",
    baseline: "customer-network",
    change: vaultBySubnet,
    roots: [],
    not: ["kv-firewall-blocks-client", "kv-no-pe-in-client-vnet", "kv-dns-resolves-public"],
  },
  {
    story: "the account could be a data lake, and no datastore uses it as one",
    baseline: "managed-network",
    change: (world) => set(world, account, { isHnsEnabled: true }),
    roots: [],
    not: ["st-no-dfs-pe"],
  },
  {
    story: "the account has service endpoint rules beside the customer's own private endpoints",
    baseline: "customer-network",
    change: (world) => accountRules(world, { virtualNetworkRules: [{ id: clients, action: "Allow" }] }),
    roots: [],
    not: ["st-pe-and-service-endpoint", "st-service-endpoint-layout"],
  },
  {
    story: "the workspace of a cluster holds sensitive data, and its identity has its roles on the account",
    baseline: "kubernetes",
    change(world) {
      set(world, "/workspaces/mlprod", { hbiWorkspace: true });
      letManageKeys(world);
    },
    roots: [],
    not: ["st-hbi-roles-missing"],
  },
  {
    story: "the key vault's tenant is written in other letters than the workspace's",
    baseline: "managed-network",
    change: (world) => set(world, "/vaults/kvmlprod", { tenantId: "00000000-0000-4000-8000-00000000AAAA" }),
    roots: [],
    not: ["ws-dependencies-subscription-or-tenant"],
  },
  {
    story: "a stranger asks for a private endpoint of the registry",
    baseline: "customer-network",
    change: (world) => strangerAsks(world, "/registries/acrmlprod"),
    roots: [],
    not: ["acr-egress-pe-pending", "mn-outbound-pe-pending"],
  },
  {
    story: "the registry forgets old images and holds none back, and one cannot be pulled",
    baseline: "managed-network",
    change(world) {
      const policies = resource(world, "/registries/acrmlprod").properties.policies as Record<string, object>;
      Object.assign(policies, { retentionPolicy: { days: 7, status: "enabled" } });
      const warning = `Failed to pull container image ${image}: i/o timeout`;
      deploymentFails(world, { step: "UserContainerImagePull", warning });
    },
    roots: ["dep-unable-download-image"],
    not: ["acr-quarantine-enabled", "acr-image-missing"],
  },
  {
    story: "a deployment of a managed network says that it goes out publicly",
    baseline: "managed-network",
    change: (world) => egress(world, "Enabled"),
    roots: [],
    not: [
      "acr-public-disabled-egress-enabled",
      "ws-pna-disabled-with-public-egress",
      "mn-isolation-disabled-private-deps",
      "dep-egress-flag-with-managed-vnet",
    ],
  },
  ...["AuthorizationFailed", "RequestDisallowedByPolicy"].map((code): Variation => ({
    story: `an outbound rule that is active still carries the error ${code}`,
    baseline: "managed-network",
    change: (world) =>
      setRule(world, "__SYS_PE_acrmlprod_registry", {
        status: "Active",
        errorInformation: `${code}: the private endpoint could not be made`,
      }),
    roots: [],
    not: ["mn-outbound-rule-not-active", "mn-rbac-pe-permissions", "mn-custom-policy-denies-pe"],
  })),
  {
    story: "the model calls a host by a rule that names it, and the host does not answer",
    baseline: "managed-network",
    change(world) {
      addNameRule(world, "partner", "api.contoso.example");
      modelCalls(world, "api.contoso.example", 443);
    },
    roots: ["scoring-424-model-error"],
    not: ["mn-fqdn-rule-missing-or-limited", "mn-outbound-rule-missing", "mn-onprem-or-nonhttps-target"],
  },
  {
    story: "a private endpoint for files is gone, and no datastore holds files",
    baseline: "managed-network",
    change(world) {
      takeAway(world, doors.file);
      remove(world, "/datastores/workspacefilestore");
      remove(world, "/datastores/workspaceworkingdirectory");
    },
    roots: [],
    not: ["st-no-file-pe", "st-firewall-blocks-client"],
  },
];
