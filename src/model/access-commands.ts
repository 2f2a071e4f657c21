import { parentId, parseArmId, type ArmId } from "./arm-id.ts";
import { attachZone, createZone, linkZone } from "./dns-commands.ts";
import { az, type Command } from "./remediation.ts";

/** The private DNS zone that takes the records of an endpoint. */
export interface ZonePlan {
  readonly name: string;
  /** Absent when there is no such zone: it has to be made. */
  readonly id?: string | undefined;
  /** Another zone of the estate, beside which a new one belongs. */
  readonly near?: string | undefined;
}

/** Where a private endpoint is to stand and what it is to lead to. */
export interface EndpointPlan {
  readonly targetId: string;
  /** Private link sub-resource: `blob`, `vault`, `registry`, … */
  readonly groupId: string;
  readonly subnetId?: string | undefined;
  /** Absent where zones may be hidden from this identity: then nothing says whether one has to be made. */
  readonly zone?: ZonePlan | undefined;
  /** The endpoint's name; made from the target's when absent. */
  readonly name?: string;
}

/** Attaches the zone to the endpoint, after making it and linking it to the endpoint's network where it is not there. */
export function useZone(
  endpointId: string,
  subnet: ArmId,
  { name, id, near }: ZonePlan,
  hasZoneGroup = false,
): Command[] {
  if (id !== undefined) return attachZone(endpointId, id, hasZoneGroup);
  const { subscriptionId, resourceGroup } = parseArmId(near) ?? subnet;
  const fresh = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/privateDnsZones/${name}`;
  return [createZone(fresh), linkZone(fresh, parentId(subnet.id)), ...attachZone(endpointId, fresh, hasZoneGroup)];
}

/** Creates a private endpoint with its DNS zone group; where the subnet is not known, lists the networks to choose from. */
export function createEndpoint({ targetId, groupId, subnetId, zone, name: wanted }: EndpointPlan): Command[] {
  const subnet = parseArmId(subnetId);
  if (subnet === undefined) return [az("network", "vnet", "list", "--output", "table")];
  const name = wanted ?? `pe-${parseArmId(targetId)?.name ?? "dependency"}-${groupId}`;
  const id = `/subscriptions/${subnet.subscriptionId}/resourceGroups/${subnet.resourceGroup}/providers/Microsoft.Network/privateEndpoints/${name}`;
  return [
    az(
      "network",
      "private-endpoint",
      "create",
      "--subscription",
      subnet.subscriptionId,
      "--resource-group",
      subnet.resourceGroup,
      "--name",
      name,
      "--subnet",
      subnet.id,
      "--private-connection-resource-id",
      targetId,
      "--group-id",
      groupId,
      "--connection-name",
      `${name}-connection`,
    ),
    ...(zone === undefined
      ? [az("network", "private-dns", "zone", "list", "--output", "table")]
      : useZone(id, subnet, zone)),
  ];
}

/** Deletes a private endpoint and creates it anew: the only way back from Rejected and Disconnected. */
export function recreateEndpoint(endpointId: string, plan: EndpointPlan): Command[] {
  const endpoint = parseArmId(endpointId);
  if (endpoint === undefined) return [];
  return [
    az(
      "network",
      "private-endpoint",
      "delete",
      "--subscription",
      endpoint.subscriptionId,
      "--resource-group",
      endpoint.resourceGroup,
      "--name",
      endpoint.name,
    ),
    ...createEndpoint({ ...plan, name: endpoint.name }),
  ];
}

/** Approves a private endpoint connection by its id. */
export function approveConnection(connectionId: string): Command {
  return az("network", "private-endpoint-connection", "approve", "--id", connectionId, "--description", "Approved");
}

/** Lists the private endpoint connections of a resource with their states, as one line to run. */
export function listConnections(targetId: string): string {
  return az(
    "network",
    "private-endpoint-connection",
    "list",
    "--id",
    targetId,
    "--query",
    "[].properties.privateLinkServiceConnectionState.status",
  ).text;
}

/** Gives a role on a resource: to a managed identity or another application, or to a person. */
export function grantRole(
  principalId: string,
  role: string,
  scope: string,
  type: "ServicePrincipal" | "User" = "ServicePrincipal",
): Command {
  return az(
    "role",
    "assignment",
    "create",
    "--assignee-object-id",
    principalId,
    "--assignee-principal-type",
    type,
    "--role",
    role,
    "--scope",
    scope,
  );
}

/** Lists the roles of an identity on a resource, inherited ones included, as one line to run. */
export function listRoles(principalId: string, scope: string): string {
  return az(
    "role",
    "assignment",
    "list",
    "--assignee",
    principalId,
    "--scope",
    scope,
    "--include-inherited",
    "--query",
    "[].roleDefinitionName",
  ).text;
}

/** `--subscription … --resource-group … --name …` of a resource. */
export function named(id: string): string[] {
  const known = parseArmId(id);
  return known === undefined
    ? ["--ids", id]
    : ["--subscription", known.subscriptionId, "--resource-group", known.resourceGroup, "--name", known.name];
}

/** Adds the public address that this machine comes from to the selected networks of a storage account or key vault. */
export function letAddressIn(resourceId: string, caller?: string): Command[] {
  const resource = parseArmId(resourceId);
  if (resource === undefined) return [];
  const isVault = /\/Microsoft\.KeyVault\/vaults\//i.test(resourceId);
  const add = az(
    ...(isVault ? ["keyvault"] : ["storage", "account"]),
    "network-rule",
    "add",
    "--subscription",
    resource.subscriptionId,
    "--resource-group",
    resource.resourceGroup,
    isVault ? "--name" : "--account-name",
    resource.name,
    "--ip-address",
    ...(caller === undefined ? [] : [caller]),
  );
  return [caller === undefined ? { ...add, text: `${add.text} "$(curl -sS https://ifconfig.me)"` } : add];
}
