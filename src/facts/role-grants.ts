import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { allSeen, seen, type GapObservation, type Observation } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

export const roleAssignmentSchema = z.object({
  id: z.string(),
  properties: z.object({ roleDefinitionId: z.string(), principalId: z.string(), principalType: text, scope: text }),
});

const list = z.array(z.string()).nullish();
const permission = z.object({ actions: list, notActions: list, dataActions: list, notDataActions: list });
const definition = z.object({
  id: z.string(),
  properties: z.object({ roleName: text, permissions: z.array(permission).nullish() }),
});

export const roleGrantsSchema = z.object({
  /** By resource: the assignments that count there, its own and inherited ones. */
  scopes: z.array(z.object({ id: z.string(), assignments: observationOf(z.array(roleAssignmentSchema)) })),
  definitions: z.array(eachOf(definition)),
});
export type RoleGrants = z.infer<typeof roleGrantsSchema>;

/**
 * Who holds which role on the workspace's registry, default storage and key vault, inherited roles included. Members of
 * groups are not listed: what a group holds, each member may hold.
 */
export const roleGrants = defineFact({
  key: "arm/role-grants",
  needs: { workspace },
  reads: ["Microsoft.Authorization/roleAssignments/read", "Microsoft.Authorization/roleDefinitions/read"],
  schema: roleGrantsSchema,
  async collect({ workspace: { properties } }, context) {
    return seen(
      await grantsAt(context, [properties.containerRegistry, properties.storageAccount, properties.keyVault]),
    );
  },
});

/** The assignments that count at each of these resources, and the roles that they give. */
export async function grantsAt(
  context: Context,
  resources: readonly (string | null | undefined)[],
): Promise<RoleGrants> {
  const scopes = await Promise.all(
    uniqueIds(resources).map(async (id) => ({
      id,
      assignments: await listAs(
        context,
        `${id}/providers/Microsoft.Authorization/roleAssignments`,
        apiVersions.authorization,
        roleAssignmentSchema,
        { $filter: "atScope()" },
      ),
    })),
  );
  const used = uniqueIds(
    allSeen(scopes.map(({ assignments }) => assignments))
      .flat()
      .map(({ properties: { roleDefinitionId } }) => roleDefinitionId),
  );
  const definitions = await Promise.all(
    used.map(async (id) => ({ id, is: await getAs(context, id, apiVersions.authorization, definition) })),
  );
  return { scopes, definitions };
}

/** Whether an action matches a pattern of a role, in which `*` stands for anything. */
export function matchesAction(pattern: string, action: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const text = action.toLowerCase();
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return text.length - part.length >= from && text.endsWith(part);
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/** Whether a role's permissions allow an action: each block allows what its list has and its exceptions have not. */
export function permits(
  permissions: readonly z.infer<typeof permission>[],
  action: string,
  plane: "control" | "data",
): boolean {
  return permissions.some(({ actions, notActions, dataActions, notDataActions }) => {
    const [allowed, except] = plane === "control" ? [actions, notActions] : [dataActions, notDataActions];
    return (
      (allowed ?? []).some((each) => matchesAction(each, action)) &&
      !(except ?? []).some((each) => matchesAction(each, action))
    );
  });
}

/** What can be said of one identity and one action at a resource. */
export type Holding =
  | { readonly is: "held" }
  | { readonly is: "missing" }
  /** Not held directly; a group holds it, and who is in the group cannot be seen. */
  | { readonly is: "perhaps"; readonly groups: readonly string[] }
  | { readonly is: "unknown"; readonly gap?: GapObservation };

/** Whether `principalId` may do `action` at the resource `scope`. A role that could not be read leaves it open. */
export function holds(
  grants: RoleGrants,
  principalId: string,
  scope: string,
  action: string,
  plane: "control" | "data" = "control",
): Holding {
  const listed: Observation<z.infer<typeof roleAssignmentSchema>[]> | undefined = grants.scopes.find(({ id }) =>
    sameId(id, scope),
  )?.assignments;
  if (listed === undefined || listed.is === "absent") return { is: "unknown" };
  if (listed.is === "gap") return { is: "unknown", gap: listed };
  const groups: string[] = [];
  let open: GapObservation | undefined;
  for (const { properties } of listed.value) {
    const own = sameText(properties.principalId, principalId);
    const group = sameText(properties.principalType, "Group");
    if (!own && !group) continue;
    const role = grants.definitions.find(({ id }) => sameId(id, properties.roleDefinitionId))?.is;
    if (role?.is === "gap") open = role;
    if (role?.is !== "value" || !permits(role.value.properties.permissions ?? [], action, plane)) continue;
    if (own) return { is: "held" };
    groups.push(properties.principalId);
  }
  if (open !== undefined) return { is: "unknown", gap: open };
  return groups.length > 0 ? { is: "perhaps", groups } : { is: "missing" };
}
