import { readAction, type Access } from "./access.ts";
import { parameter, type Answer, type Request } from "./answer.ts";
import { givenAnswer } from "./arm-actions.ts";
import { authorizationFailed, gatewayError, holderExists, notFound } from "./arm-errors.ts";
import { page, type Paging } from "./arm-paging.ts";
import { segmentsOf, type ArmPath } from "./arm-path.ts";
import type { Entry, Estate } from "./estate.ts";
import { listRoleAssignments } from "./role-assignments.ts";
import type { World } from "./world.ts";

const resourceTypeClause = /^resourceType eq '(?<type>[^']+)'$/i;
const nameClause = /^name eq '(?<name>[^']+)'$/i;
const eventClause = /^(?:eventTimestamp [gl]e '[^']*'|resourceUri eq '(?<resource>[^']*)')$/i;
const roleNameClause = /^roleName eq '(?<name>[^']+)'$/i;
/** What the generic list shows of a resource: never its properties. */
const genericKeys = ["id", "name", "type", "kind", "location", "tags", "sku", "identity", "managedBy", "zones", "plan"];

/** Answers a GET of ARM: one resource, or a page of a list. */
export function readArm(
  request: Request,
  path: ArmPath,
  parts: { world: World; estate: Estate; access: Access; paging: Paging },
): Answer {
  const { estate, access } = parts;
  const { identity } = parts.world;
  const written = request.segments;
  const action = readAction(path);
  if (path.kind === "item") {
    if (access.denies(action, path.id)) return authorizationFailed(identity, action, `/${written.join("/")}`);
    const entry = estate.find(path.id);
    const given = entry === undefined ? givenAnswer(parts.world, "GET", written) : undefined;
    if (given !== undefined) return given;
    return entry === undefined ? notFound(estate, path, written) : { status: 200, body: entry.resource };
  }
  const scopeText = `/${written.slice(0, segmentsOf(path.scope).length).join("/")}`;
  // The list of subscriptions is never denied: it shows those that one may read.
  if (path.scope !== "" && access.denies(action, path.scope)) return authorizationFailed(identity, action, scopeText);
  if (!holderExists(estate, path)) return notFound(estate, path, written);
  const given = givenAnswer(parts.world, "GET", written);
  if (given !== undefined) return given;
  const entries = select(path, parameter(request.query, "$filter"), estate);
  if (entries === undefined)
    return gatewayError(
      400,
      "InvalidFilterInQueryString",
      `Invalid $filter '${parameter(request.query, "$filter") ?? ""}' specified in the query string.`,
    );
  const visible = entries.filter((entry) =>
    path.type === "*" || path.scope === ""
      ? !access.denies(readAction(entry.path), entry.path.id)
      : !access.hides(entry.path, path.scope),
  );
  const items = visible.map(({ resource }) =>
    path.type === "*"
      ? Object.fromEntries(Object.entries(resource).filter(([key]) => genericKeys.includes(key)))
      : resource,
  );
  return page(request, path, items, parts.paging);
}

/** The entries of a list before access is applied; undefined when the filter is not understood. */
function select(path: ArmPath, filter: string | undefined, estate: Estate): Entry[] | undefined {
  if (path.type === "microsoft.authorization/roleassignments") return listRoleAssignments(estate, path.scope, filter);
  if (path.type === "microsoft.authorization/roledefinitions") return roleDefinitions(path, filter, estate);
  if (path.type === "microsoft.insights/eventtypes/values") return activityLog(path, filter, estate);
  if (path.type !== "*" || filter === undefined) return estate.list(path.type, path.scope);
  let entries = estate.list("*", path.scope);
  for (const clause of filter.split(/\s+and\s+/i)) {
    const type = resourceTypeClause.exec(clause.trim())?.groups?.["type"]?.toLowerCase();
    const name = nameClause.exec(clause.trim())?.groups?.["name"]?.toLowerCase();
    if (type === undefined && name === undefined) return undefined;
    entries = entries.filter(
      (entry) =>
        (type === undefined || entry.path.type === type) &&
        (name === undefined || entry.resource.name?.toLowerCase() === name),
    );
  }
  return entries;
}

/** Events of the activity log; a world's events are always recent. */
function activityLog(path: ArmPath, filter: string | undefined, estate: Estate): Entry[] | undefined {
  const clauses = (filter ?? "").split(/\s+and\s+/i).map((clause) => eventClause.exec(clause.trim()));
  if (clauses.includes(null)) return undefined;
  const wanted = clauses.flatMap((clause) => clause?.groups?.["resource"]?.toLowerCase() ?? []);
  return estate
    .list(path.type, path.scope)
    .filter(({ resource }) => wanted.every((id) => String(resource["resourceId"]).toLowerCase() === id));
}

/** Role definitions are listed at every scope of their subscription. */
function roleDefinitions(path: ArmPath, filter: string | undefined, estate: Estate): Entry[] | undefined {
  const name = filter === undefined ? undefined : roleNameClause.exec(filter.trim())?.groups?.["name"];
  if (filter !== undefined && name === undefined) return undefined;
  const scope = path.scope.split("/").slice(0, 3).join("/");
  return estate.list(path.type, scope).filter(({ resource }) => {
    const properties: unknown = resource["properties"];
    return (
      name === undefined ||
      (typeof properties === "object" &&
        properties !== null &&
        "roleName" in properties &&
        properties.roleName === name)
    );
  });
}
