import { randomUUID } from "node:crypto";
import type { Access } from "./access.ts";
import type { Answer, Request } from "./answer.ts";
import { authorizationFailed, notFound } from "./arm-errors.ts";
import { readArmPath, segmentsOf } from "./arm-path.ts";
import { askedCategories } from "./diagnose.ts";
import type { Estate } from "./estate.ts";
import type { Operations } from "./operations.ts";
import type { World } from "./world.ts";

/** POST actions that change nothing. Anything else that is posted is a write. */
const reading = /^(?:diagnose|effectiveroutetable|effectivenetworksecuritygroups|get[a-z]*|list[a-z]*|token)$/;
/** POST actions that ARM answers with 202 and a place to ask again. */
const longRunning = new Set(["diagnose", "effectiveroutetable", "effectivenetworksecuritygroups"]);

/** Answers a POST of ARM; undefined when it is none that a reader may send. */
export function postArm(
  request: Request,
  parts: { world: World; estate: Estate; access: Access; operations: Operations },
): Answer | undefined {
  const written = request.segments;
  const name = written.at(-1) ?? "";
  const key = name.toLowerCase();
  const targetText = written.slice(0, -1);
  const target = readArmPath(targetText);
  const known = givenAnswer(parts.world, "POST", written);
  if (target?.kind !== "item" || (known === undefined && !reading.test(key))) return undefined;
  const action = `${target.typeText}/${name}/action`;
  if (parts.access.denies(action, target.id))
    return authorizationFailed(parts.world.identity, action, `/${targetText.join("/")}`);
  const resource = parts.estate.find(target.id)?.resource;
  if (resource === undefined) return notFound(parts.estate, target, targetText);
  const isDiagnose = key === "diagnose";
  // Diagnose never finds nothing to answer: it then has nothing to say in any category.
  const answer = known ?? (isDiagnose ? { status: 200 } : nothingThere(name, target.id));
  if (answer.status >= 300 || !longRunning.has(key)) return answer;
  const location = resource["location"];
  const [provider, place] = isDiagnose
    ? ["Microsoft.MachineLearningServices", "workspaceOperationsStatus"]
    : ["Microsoft.Network", "operationResults"];
  return parts.operations.begin({
    path: `/subscriptions/${written[1] ?? ""}/providers/${provider}/locations/${typeof location === "string" ? location : "global"}/${place}/${randomUUID()}`,
    search: isDiagnose ? `${request.search}&type=location` : request.search,
    result: { ...answer, status: 200, body: isDiagnose ? askedCategories(answer.body, request.body) : answer.body },
    // Network says `null` in its 202, Machine Learning nothing at all.
    accepted: isDiagnose ? undefined : null,
  });
}

function nothingThere(action: string, id: string): Answer {
  return {
    status: 404,
    headers: { "x-ms-failure-cause": "service" },
    body: { error: { code: "NotFound", message: `There is nothing to ${action} at ${id}.` } },
  };
}

/** What `arm.actions` answers to this method and path; undefined when it says nothing of it. */
export function givenAnswer(world: World, method: string, written: readonly string[]): Answer | undefined {
  const path = written.join("/").toLowerCase();
  const action = world.arm.actions.find(
    (each) => each.method.toUpperCase() === method && segmentsOf(each.path).join("/").toLowerCase() === path,
  );
  return action === undefined ? undefined : { status: action.status, headers: action.headers ?? {}, body: action.body };
}
