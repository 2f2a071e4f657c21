import { isWithin } from "./arm-path.ts";
import type { Entry, Estate } from "./estate.ts";

const type = "microsoft.authorization/roleassignments";
const clause = /^(?:atScope\(\)|assignedTo\('(?<assignee>[^']*)'\)|principalId eq '(?<principal>[^']*)')$/i;

/**
 * Role assignments as the service lists them for a scope: those at it, above it and below it; `atScope()` leaves out those
 * below. Undefined for a filter that the service does not know.
 */
export function listRoleAssignments(estate: Estate, scope: string, filter: string | undefined): Entry[] | undefined {
  let atScope = false;
  let principal: string | undefined;
  for (const part of filter === undefined || filter.trim() === "" ? [] : filter.split(/\s+and\s+/i)) {
    const match = clause.exec(part.trim());
    if (match === null) return undefined;
    const named = match.groups?.["assignee"] ?? match.groups?.["principal"];
    if (named === undefined) atScope = true;
    else principal = named.toLowerCase();
  }
  return estate.list(type, "").filter((entry) => {
    const assigned = entry.path.scope;
    const above = isWithin(scope, assigned) || assigned.startsWith("/providers/microsoft.management/");
    const inScope = above || (!atScope && isWithin(assigned, scope));
    return inScope && (principal === undefined || principalOf(entry) === principal);
  });
}

function principalOf({ resource }: Entry): string | undefined {
  const properties: unknown = resource["properties"];
  if (typeof properties !== "object" || properties === null || !("principalId" in properties)) return undefined;
  return typeof properties.principalId === "string" ? properties.principalId.toLowerCase() : undefined;
}
