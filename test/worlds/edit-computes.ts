import type { World } from "../../src/lab/world.ts";
import { networkGroup, workspaceResource } from "./edit-dependencies.ts";
import { networkProvider, subnet } from "./edit-networks.ts";
import { add, resource, set } from "./edit.ts";

type Json = Record<string, unknown>;

const computeType = "Microsoft.MachineLearningServices/workspaces/computes";

/** Attaches something to the workspace as a compute. */
export function attach(
  world: World,
  name: string,
  kind: string,
  resourceId: string,
  its: Json,
  outer: Json = {},
): void {
  add(world, {
    id: `${workspaceResource}/computes/${name}`,
    name,
    type: computeType,
    location: "eastus2",
    properties: {
      computeType: kind,
      provisioningState: "Succeeded",
      isAttachedCompute: true,
      resourceId,
      properties: its,
      ...outer,
    },
  });
}

/** Attaches a virtual machine, which failed with these words or succeeded, behind a group with these rules. */
export function attachMachine(world: World, securityRules: readonly Json[], failure?: string): void {
  const place = { type: "Microsoft.Network/networkSecurityGroups", name: "nsg-dsvm", location: "eastus2" };
  const group = `${networkProvider}/networkSecurityGroups/nsg-dsvm`;
  add(world, { ...place, id: group, properties: { securityRules, defaultSecurityRules: [] } });
  const nic = `${networkProvider}/networkInterfaces/nic-dsvm`;
  add(world, {
    id: nic,
    name: "nic-dsvm",
    type: "Microsoft.Network/networkInterfaces",
    location: "eastus2",
    properties: {
      networkSecurityGroup: { id: group },
      ipConfigurations: [
        {
          name: "ipconfig1",
          properties: {
            privateIPAddress: "10.1.3.9",
            subnet: { id: `${networkProvider}/virtualNetworks/vnet-spoke/subnets/snet-aks` },
          },
        },
      ],
    },
  });
  const machine = `${networkGroup}/Microsoft.Compute/virtualMachines/dsvm`;
  add(world, {
    id: machine,
    name: "dsvm",
    type: "Microsoft.Compute/virtualMachines",
    location: "eastus2",
    properties: { networkProfile: { networkInterfaces: [{ id: nic }] } },
  });
  const failed = {
    provisioningState: "Failed",
    provisioningErrors: [{ error: { code: "AttachFailed", message: failure } }],
  };
  attach(
    world,
    "dsvm",
    "VirtualMachine",
    machine,
    { address: "10.1.3.9", sshPort: 22 },
    failure === undefined ? {} : failed,
  );
}

/** Attaches a Databricks workspace whose clusters stand in this network, or in one that Databricks made. */
export function attachDatabricks(world: World, networkName?: string): void {
  const id = `${networkGroup}/Microsoft.Databricks/workspaces/dbx`;
  const value = `${networkProvider}/virtualNetworks/${networkName ?? ""}`;
  add(world, {
    id,
    name: "dbx",
    type: "Microsoft.Databricks/workspaces",
    location: "eastus2",
    properties: { parameters: networkName === undefined ? {} : { customVirtualNetworkId: { type: "String", value } } },
  });
  attach(world, "dbx", "Databricks", id, { workspaceUrl: "adb-1.azuredatabricks.net" });
}

/** Serverless compute stands in a subnet without public addresses, and the workspace lets a list in. */
export function serverless(
  world: World,
  ipAllowlist: readonly string[],
  serverlessComputeCustomSubnet = `${networkProvider}/virtualNetworks/vnet-spoke/subnets/snet-compute`,
): void {
  set(world, "/workspaces/mlprod", {
    publicNetworkAccess: "Enabled",
    ipAllowlist,
    serverlessComputeSettings: { serverlessComputeCustomSubnet, serverlessComputeNoPublicIP: true },
  });
}

/** A service endpoint policy with these resources stands before the computes, whose storage goes by service endpoint. */
export function limitStorage(world: World, ...serviceResources: readonly string[]): void {
  const id = `${networkProvider}/serviceEndpointPolicies/sep-compute`;
  const definition = { name: "storage", properties: { service: "Microsoft.Storage", serviceResources } };
  add(world, {
    id,
    name: "sep-compute",
    type: "Microsoft.Network/serviceEndpointPolicies",
    location: "eastus2",
    properties: { serviceEndpointPolicyDefinitions: [definition] },
  });
  subnet(world, "snet-compute", {
    serviceEndpointPolicies: [{ id }],
    serviceEndpoints: [{ service: "Microsoft.Storage", provisioningState: "Succeeded" }],
  });
}

/** The group that Batch made for nodes with public addresses, with these rules besides its own. */
export function leaveBatchGroup(world: World, ...more: readonly Json[]): void {
  const name = "5a3ebdd5-3cb2-59f8-91c7-ddc494a2d2d9-azurebatch-cloudservicenetworksecuritygroup";
  const own = {
    name: "BatchServiceRule",
    properties: {
      direction: "Inbound",
      priority: 100,
      access: "Allow",
      protocol: "Tcp",
      sourceAddressPrefix: "BatchNodeManagement",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "29876-29877",
    },
  };
  add(world, {
    id: `${networkProvider}/networkSecurityGroups/${name}`,
    name,
    type: "Microsoft.Network/networkSecurityGroups",
    location: "eastus2",
    properties: { securityRules: [own, ...more], defaultSecurityRules: [] },
  });
}

/** Gives this machine's subnet and the computes' one route table, which leads everything to a gateway on premises. */
export function forceTunnel(world: World, ...subnets: readonly string[]): void {
  const id = `${networkProvider}/routeTables/rt-forced`;
  const routes = [
    { name: "to-premises", properties: { addressPrefix: "0.0.0.0/0", nextHopType: "VirtualNetworkGateway" } },
  ];
  add(world, {
    id,
    name: "rt-forced",
    type: "Microsoft.Network/routeTables",
    location: "eastus2",
    properties: { routes },
  });
  for (const name of subnets) subnet(world, name, { routeTable: { id } });
}

/** A compute has an identity of its own. */
export function identifyCompute(world: World, name: string): void {
  Object.assign(resource(world, `/computes/${name}`), { identity: { type: "SystemAssigned", principalId: "p" } });
}
