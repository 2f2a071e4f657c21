import { parseArmId } from "./arm-id.ts";
import { approveConnection, listConnections, recreateEndpoint, useZone, type ZonePlan } from "./access-commands.ts";
import { az, type Command, type Remediation } from "./remediation.ts";
import { sameText } from "./text.ts";

/** A workspace whose private endpoint has to be made, or made anew. */
export interface Recreation {
  readonly workspaceId: string;
  readonly endpointId?: string;
  readonly subnetId?: string;
  readonly status?: string;
  readonly zones: readonly ZonePlan[];
}

/** Deleting and creating anew, with a zone group so that the records follow. */
export function recreate({ workspaceId, endpointId, subnetId, zones }: Recreation): Command[] {
  const endpoint = parseArmId(endpointId);
  const subnet = parseArmId(subnetId);
  const workspaceName = parseArmId(workspaceId)?.name ?? "workspace";
  if (!subnet) return [az("network", "vnet", "list", "--output", "table")];
  const place = endpoint ?? subnet;
  const name = endpoint?.name ?? `pe-${workspaceName}`;
  const at = ["--subscription", place.subscriptionId, "--resource-group", place.resourceGroup];
  const id = `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}/providers/Microsoft.Network/privateEndpoints/${name}`;
  return [
    ...(endpoint ? [az("network", "private-endpoint", "delete", ...at, "--name", name)] : []),
    az(
      "network",
      "private-endpoint",
      "create",
      ...at,
      "--name",
      name,
      "--subnet",
      subnet.id,
      "--private-connection-resource-id",
      workspaceId,
      "--group-id",
      "amlworkspace",
      "--connection-name",
      `${name}-connection`,
    ),
    ...zones.flatMap((zone, index) => useZone(id, subnet, zone, index > 0)),
  ];
}

/** What recreating costs. */
export const interruption =
  "Creating a private endpoint anew interrupts all private access to the workspace (clients, computes, Kubernetes) and may change its addresses: plan a window, and check afterwards that no firewall rule or hand-made record holds the old ones.";

/** Making the workspace's private endpoint, anew where there is one, as a remediation. */
export function recreation(data: Recreation, summary: string, docs: string): Remediation {
  return {
    summary,
    commands: recreate(data),
    warning: interruption,
    takesEffect: "Within a few minutes of the new endpoint",
    verify: [
      az(
        "network",
        "private-endpoint-connection",
        "list",
        "--id",
        data.workspaceId,
        "--query",
        "[].properties.privateLinkServiceConnectionState.status",
      ).text,
    ],
    docs,
  };
}

/** A private endpoint connection that carries nothing, and the endpoint it comes from as far as it is known. */
export interface ClosedConnection {
  readonly connectionId: string;
  readonly resourceId: string;
  /** Only a `customer`'s endpoint is known to be his to delete. */
  readonly owner: string;
  readonly endpointId?: string | undefined;
  readonly status?: string | undefined;
  readonly subnetId?: string | undefined;
  readonly zone?: ZonePlan | undefined;
  readonly groupId?: string | undefined;
  /** The connection is known from its endpoint alone: its own id has to be looked up. */
  readonly unread?: boolean | undefined;
}

/** Approving the connection that comes from an endpoint, whatever its id is. */
function approveFrom(endpointId: string, resourceId: string): Command {
  const mine = `[?ends_with(properties.privateEndpoint.id, '/${parseArmId(endpointId)?.name ?? ""}')].id | [0]`;
  const lookUp = `az network private-endpoint-connection list --id ${resourceId} --query "${mine}" --output tsv`;
  return {
    shell: "sh",
    text: `az network private-endpoint-connection approve --id "$(${lookUp})" --description Approved`,
  };
}

/** Approving a connection that waits, and making the endpoint of any other anew. `anew` takes the place of the words
 * for an endpoint that the service made. */
export function approveOrRecreate(
  {
    connectionId,
    resourceId,
    owner: whose,
    endpointId,
    status,
    subnetId,
    zone,
    groupId: read,
    unread,
  }: ClosedConnection,
  {
    owner,
    permission,
    docs,
    anew,
    groupId = read,
  }: {
    owner: string;
    permission: string;
    docs: string;
    anew?: string | undefined;
    /** The sub-resource, where the service has one only. */
    groupId?: string | undefined;
  },
): Remediation {
  const verify = [listConnections(resourceId)];
  if (sameText(status, "Pending"))
    return {
      summary: `Approve the connection (the ${owner}'s owner does this)`,
      commands: [
        unread && endpointId !== undefined ? approveFrom(endpointId, resourceId) : approveConnection(connectionId),
      ],
      warning: `Make sure that the private endpoint is one that you expect. Needs ${permission}.`,
      takesEffect: "Within a few minutes",
      verify,
      docs,
    };
  return {
    summary:
      anew ??
      `Delete the private endpoint and create it again: a connection that is ${status ?? "in this state"} cannot be approved any more`,
    commands:
      endpointId === undefined || groupId === undefined || whose !== "customer"
        ? []
        : recreateEndpoint(endpointId, { targetId: resourceId, groupId, subnetId, zone }),
    warning: `The new endpoint may get another address: look for firewall rules and hand-made records that hold the old one. The new connection may need the ${owner} owner's approval.`,
    takesEffect: "Within a few minutes of the new endpoint",
    verify,
    docs,
  };
}
