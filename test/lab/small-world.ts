import { parseWorld, type World } from "../../src/lab/world.ts";

export const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
export const otherSubscription = "/subscriptions/00000000-0000-4000-8000-000000000002";
export const group = `${subscription}/resourceGroups/rg-ml`;
export const workspace = `${group}/providers/Microsoft.MachineLearningServices/workspaces/ws`;
export const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv`;
export const network = `${group}/providers/Microsoft.Network/virtualNetworks/net`;
export const zone = `${otherSubscription}/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms`;
export const nic = `${group}/providers/Microsoft.Network/networkInterfaces/vm-nic`;
export const machine = `${group}/providers/Microsoft.Compute/virtualMachines/vm`;
export const principalId = "00000000-0000-4000-8000-00000000cccc";

const resource = (id: string, type: string, more: object = {}): object => ({
  id,
  name: id.slice(id.lastIndexOf("/") + 1),
  type,
  location: "eastus2",
  ...more,
});
const record = (type: string, name: string): object =>
  resource(`${zone}/${type}/${name}`, `Microsoft.Network/privateDnsZones/${type}`, { properties: { ttl: 10 } });
const assignment = (scope: string, name: string, principal: string): object =>
  resource(
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    "Microsoft.Authorization/roleAssignments",
    { properties: { scope, principalId: principal } },
  );

/** A world of few resources, as a document. */
export const document = {
  format: "aml-doctor/world@1",
  id: "small",
  title: "A few resources",
  cloud: "AzureCloud",
  identity: {
    tenantId: "00000000-0000-4000-8000-00000000aaaa",
    objectId: principalId,
    clientId: "00000000-0000-4000-8000-00000000bbbb",
    kind: "managedIdentity",
  },
  target: { subscriptionId: subscription.slice(15), resourceGroup: "rg-ml", workspace: "ws" },
  vantage: {
    name: "vm",
    resourceId: machine,
    addresses: ["10.1.1.4"],
    resolvers: ["10.0.0.4"],
    environment: {},
    hostsFile: {},
  },
  arm: {
    resources: [
      { id: subscription, type: "Microsoft.Resources/subscriptions", name: subscription.slice(15), displayName: "ml" },
      {
        id: otherSubscription,
        type: "Microsoft.Resources/subscriptions",
        name: otherSubscription.slice(15),
        displayName: "dns",
      },
      resource(group, "Microsoft.Resources/resourceGroups"),
      resource(workspace, "Microsoft.MachineLearningServices/workspaces", { properties: { workspaceId: "w" } }),
      resource(
        `${workspace}/privateEndpointConnections/one`,
        "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections",
        { properties: { provisioningState: "Succeeded" } },
      ),
      resource(vault, "Microsoft.KeyVault/vaults", { properties: { vaultUri: "https://kv.vault.azure.net/" } }),
      resource(network, "Microsoft.Network/virtualNetworks", {
        properties: {
          subnets: [
            { id: `${network}/subnets/default`, name: "default", properties: { addressPrefix: "10.1.1.0/24" } },
          ],
        },
      }),
      resource(nic, "Microsoft.Network/networkInterfaces", { properties: {} }),
      resource(machine, "Microsoft.Compute/virtualMachines", {
        properties: { vmId: "vm-id", hardwareProfile: { vmSize: "Standard_B2s" } },
      }),
      resource(zone, "Microsoft.Network/privateDnsZones", { properties: {} }),
      record("A", "one"),
      record("A", "*.two"),
      record("SOA", "@"),
      assignment(subscription, "above", principalId),
      assignment(workspace, "at", principalId),
      assignment(`${workspace}/onlineEndpoints/e`, "below", "00000000-0000-4000-8000-00000000dddd"),
      assignment(vault, "beside", principalId),
      resource(
        `${subscription}/providers/Microsoft.Authorization/roleDefinitions/reader`,
        "Microsoft.Authorization/roleDefinitions",
        { properties: { roleName: "Reader" } },
      ),
    ],
    actions: [
      {
        method: "POST",
        path: `${workspace}/diagnose`,
        status: 200,
        body: { value: { keyVaultResults: [{ code: "K", level: "Error", message: "m" }], otherResults: [] } },
      },
      { method: "POST", path: `${nic}/effectiveRouteTable`, status: 200, body: { value: [{ state: "Active" }] } },
      { method: "POST", path: `${workspace}/listKeys`, status: 200, body: { userStorageKey: "{KEY}" } },
    ],
    denied: [],
    faults: [],
  },
  dns: { servers: { "10.0.0.4": { records: [{ name: "a.example", type: "A", data: "10.1.0.5" }], overrides: [] } } },
  network: {
    endpoints: [
      {
        address: "10.1.0.5",
        port: 443,
        tcp: "open",
        tls: { names: ["a.example"], issuer: "public-ca" },
        http: [{ status: 204 }],
      },
    ],
  },
  kubernetes: { clusters: [] },
};

/** The same, read. */
export function smallWorld(): World {
  return parseWorld(JSON.stringify(document), "small.json");
}
