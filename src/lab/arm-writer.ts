import type { Access } from "./access.ts";
import type { Answer, Request } from "./answer.ts";
import { authorizationFailed, gatewayError, notFound } from "./arm-errors.ts";
import { readArmPath } from "./arm-path.ts";
import { draftOf, objectOf, propertiesOf, type Draft } from "./draft.ts";
import type { Estate } from "./estate.ts";
import { mergePatch } from "./merge-patch.ts";
import { takeEffect } from "./write-effects.ts";
import type { World, WorldResource } from "./world.ts";

/** What a write came to: the answer, and the world after it when it was taken. */
export interface Written {
  readonly answer: Answer;
  readonly world?: World;
}

/**
 * PUT, PATCH and DELETE on one resource, with what Azure does in their wake (write-effects.ts). Everything is done at
 * once: an answer never says that an operation goes on. Undefined for any other request.
 */
export function writeArm(
  request: Request,
  parts: { world: World; estate: Estate; access: Access },
): Written | undefined {
  const { world, estate, access } = parts;
  const { method, segments } = request;
  if (method !== "PUT" && method !== "PATCH" && method !== "DELETE") return undefined;
  const path = readArmPath(segments);
  if (path?.kind !== "item") return undefined;
  const action = `${path.typeText}/${method === "DELETE" ? "delete" : "write"}`;
  const id = `/${segments.join("/")}`;
  if (access.denies(action, path.id)) return { answer: authorizationFailed(world.identity, action, id) };
  const draft = draftOf(world);
  const before = draft.find(id) ?? structuredClone(estate.find(path.id)?.resource);
  if (method === "DELETE") {
    if (before === undefined) return { answer: { status: 204 } };
    const below = draft.world.arm.resources.filter((each) => each.id.toLowerCase().startsWith(`${path.id}/`));
    draft.drop(id);
    return settled(draft, world, { type: path.type, before, after: undefined, below }, { status: 200 });
  }
  if (method === "PATCH" && before === undefined) return { answer: notFound(estate, path, segments) };
  if (!estate.exists(path.scope) && path.scope.includes("/providers/"))
    return { answer: notFound(estate, path, segments) };
  const body = bodyOf(request);
  if (body === undefined)
    return { answer: gatewayError(400, "InvalidRequestContent", "The request content is not a JSON object.") };
  const name = segments.at(-1) ?? "";
  const own = before ?? { id, name, type: path.typeText };
  const after = method === "PATCH" ? patched(own, body) : replaced(own, body);
  draft.put(after);
  return settled(draft, world, { type: path.type, before, after, below: [] }, () => ({
    status: before === undefined ? 201 : 200,
    body: draft.find(id),
  }));
}

function settled(
  draft: Draft,
  world: World,
  change: Parameters<typeof takeEffect>[2],
  answer: Answer | (() => Answer),
): Written {
  takeEffect(draft, draftOf(world), change);
  return { answer: typeof answer === "function" ? answer() : answer, world: draft.world };
}

/** PUT replaces what a caller can write; what the service itself adds stays, as it does in Azure. */
function replaced(own: WorldResource, body: Record<string, unknown>): WorldResource {
  return identified(own, {
    ...own,
    ...body,
    properties: { ...propertiesOf(own), ...objectOf(body["properties"]), provisioningState: "Succeeded" },
  });
}

function patched(own: WorldResource, body: Record<string, unknown>): WorldResource {
  return identified(own, objectOf(mergePatch(own, body)));
}

function identified(own: WorldResource, resource: Record<string, unknown>): WorldResource {
  return { ...resource, id: own.id, type: own.type, name: own.name ?? "" };
}

function bodyOf({ body }: Request): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(body);
    return typeof document === "object" && document !== null && !Array.isArray(document)
      ? objectOf(document)
      : undefined;
  } catch {
    return undefined;
  }
}
