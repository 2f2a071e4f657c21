import { seen, type Observation } from "../../src/model/observation.ts";

/** Facts of a small private workspace for the tests of probes: one vault, one account, one registry, one endpoint. */
const root = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers";
export const ids = {
  workspace: `${root}/Microsoft.MachineLearningServices/workspaces/mlprod`,
  endpoint: `${root}/Microsoft.MachineLearningServices/workspaces/mlprod/onlineEndpoints/score1`,
  deployment: `${root}/Microsoft.MachineLearningServices/workspaces/mlprod/onlineEndpoints/score1/deployments/blue`,
  vault: `${root}/Microsoft.KeyVault/vaults/kvmlprod`,
  account: `${root}/Microsoft.Storage/storageAccounts/stmlprod`,
  registry: `${root}/Microsoft.ContainerRegistry/registries/acrmlprod`,
};
export const principal = "468bbb1a-c55c-5631-bef0-a9fe3cb72408";

type Members = Readonly<Record<string, unknown>>;

export function workspace(properties: Members = {}) {
  return {
    id: ids.workspace,
    name: "mlprod",
    location: "eastus2",
    identity: { type: "SystemAssigned", principalId: "78ef7553-0124-5af9-acce-5cbf9a07bead", tenantId: "t" },
    properties: {
      storageAccount: ids.account,
      keyVault: ids.vault,
      containerRegistry: ids.registry,
      publicNetworkAccess: "Disabled",
      imageBuildCompute: "build",
      managedNetwork: { isolationMode: "Disabled" },
      ...properties,
    },
  };
}

export function vault(properties: Members = {}) {
  return {
    id: ids.vault,
    name: "kvmlprod",
    properties: {
      publicNetworkAccess: "Disabled",
      networkAcls: { bypass: "AzureServices", defaultAction: "Deny" },
      privateEndpointConnections: [],
      ...properties,
    },
  };
}

export function account(properties: Members = {}) {
  return {
    id: ids.account,
    name: "stmlprod",
    properties: {
      publicNetworkAccess: "Disabled",
      networkAcls: { bypass: "AzureServices", defaultAction: "Deny", resourceAccessRules: [] },
      privateEndpointConnections: [],
      ...properties,
    },
  };
}

/** The default account as the list of accounts has it. */
export function accounts(properties: Members = {}) {
  return [{ id: ids.account, isDefault: true, is: seen(account(properties)) }];
}

export function registry(properties: Members = {}, sku = "Premium") {
  return {
    id: ids.registry,
    name: "acrmlprod",
    sku: { name: sku },
    properties: {
      loginServer: "acrmlprod.azurecr.io",
      publicNetworkAccess: "Disabled",
      networkRuleBypassOptions: "AzureServices",
      privateEndpointConnections: [],
      ...properties,
    },
  };
}

export function endpoints(
  deployment: Members = {},
  endpoint: Members = {},
  identity: unknown = { type: "SystemAssigned", principalId: principal },
) {
  return [
    {
      endpoint: {
        id: ids.endpoint,
        name: "score1",
        identity,
        properties: { authMode: "Key", provisioningState: "Succeeded", ...endpoint },
      },
      deployments: seen([
        {
          id: ids.deployment,
          name: "blue",
          properties: {
            endpointComputeType: "Managed",
            provisioningState: "Failed",
            egressPublicNetworkAccess: "Disabled",
            ...deployment,
          },
        },
      ]),
    },
  ];
}

export function failure(stage: string, words: readonly string[] = []) {
  return {
    endpointId: ids.endpoint,
    deploymentId: ids.deployment,
    name: "blue",
    provisioningState: "Failed",
    kubernetes: false,
    stage,
    words,
    log: { is: "absent" },
  };
}

/** Role assignments at a scope: `[principal, role id]`, and what each role allows. */
export function grants(
  scope: string,
  assignments: readonly (readonly [string, string, string?])[],
  roles: Readonly<Record<string, Members>>,
): Observation<unknown> {
  return seen({
    scopes: [
      {
        id: scope,
        assignments: seen(
          assignments.map(([principalId, roleDefinitionId, principalType = "ServicePrincipal"], index) => ({
            id: `a${index}`,
            properties: { principalId, roleDefinitionId, principalType, scope },
          })),
        ),
      },
    ],
    definitions: Object.entries(roles).map(([id, permission]) => ({
      id,
      is: seen({ id, properties: { permissions: [permission] } }),
    })),
  });
}

export const denied: Observation<never> = {
  is: "gap",
  at: "GET x",
  gap: "denied",
  status: 403,
  action: "Microsoft.Authorization/roleAssignments/read",
};

/** One access of this machine to a dependency. */
export function way(service: string, resourceId: string, more: Members = {}) {
  return {
    name: {
      fqdn: `${resourceId.split("/").at(-1) ?? ""}.${service}.example`,
      service,
      resourceId,
      groupId: service,
      expected: [],
      zone: `privatelink.${service}.example`,
      alias: "",
      recordName: "",
      publicAccess: "closed",
    },
    resourceId,
    locked: true,
    near: [],
    far: [],
    unplaced: [],
    waiting: [],
    outcome: "no-answer",
    addresses: ["20.1.1.1"],
    ...more,
  };
}

export function waiting(service: string, resourceId: string, more: Members = {}) {
  return {
    service,
    resourceId,
    connectionId: `${resourceId}/privateEndpointConnections/c1`,
    owner: "customer",
    status: "Pending",
    leftOver: false,
    fqdns: ["x.example"],
    addresses: ["10.1.0.12:443"],
    spare: false,
    ...more,
  };
}
