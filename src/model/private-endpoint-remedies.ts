import { useZone, type ZonePlan } from "./access-commands.ts";
import { parseArmId } from "./arm-id.ts";
import { az, type Command, type Remediation } from "./remediation.ts";

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
