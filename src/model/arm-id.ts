/** An ARM id taken apart. */
export interface ArmId {
  /** As it was written. */
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Provider namespace and types: `Microsoft.Network/virtualNetworks/subnets`. */
  readonly type: string;
  readonly name: string;
  /** Names from the outermost resource to this one. */
  readonly names: readonly string[];
}

/** The parts of a resource id; undefined when the text is not one. */
export function parseArmId(id: string | null | undefined): ArmId | undefined {
  if (typeof id !== "string") return undefined;
  const parts = id.split("/");
  if (parts[0] !== "" || parts[1]?.toLowerCase() !== "subscriptions" || parts[3]?.toLowerCase() !== "resourcegroups")
    return undefined;
  const last = parts.map((part) => part.toLowerCase()).lastIndexOf("providers");
  const subscriptionId = parts[2];
  const resourceGroup = parts[4];
  if (subscriptionId === undefined || resourceGroup === undefined || last < 5) return undefined;
  const tail = parts.slice(last + 1);
  const namespace = tail[0];
  if (namespace === undefined || tail.length < 3 || tail.length % 2 === 0) return undefined;
  const types: string[] = [namespace];
  const names: string[] = [];
  for (let index = 1; index < tail.length; index += 2) {
    types.push(tail[index] ?? "");
    names.push(tail[index + 1] ?? "");
  }
  return { id, subscriptionId, resourceGroup, type: types.join("/"), name: names.at(-1) ?? "", names };
}

/** Whether two ids name the same resource: Azure's ids have no case. */
export function sameId(a: string | null | undefined, b: string | null | undefined): boolean {
  return typeof a === "string" && typeof b === "string" && a.toLowerCase() === b.toLowerCase();
}

/** The id of the resource that holds this one, `levels` up: of a subnet, its network. */
export function parentId(id: string, levels = 1): string {
  return id
    .split("/")
    .slice(0, -2 * levels)
    .join("/");
}

/** The workspace's own id. */
export function workspaceId(target: { subscriptionId: string; resourceGroup: string; workspace: string }): string {
  return `/subscriptions/${target.subscriptionId}/resourceGroups/${target.resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${target.workspace}`;
}
