import { parseArmId } from "../model/arm-id.ts";

/** JSON Merge Patch (RFC 7396): a new value; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A Map, because `__proto__` is a lawful key of a JSON document.
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** A list of resources patched by an object keyed by resource id, without case. New resources come last. */
export function patchResources(resources: readonly { id: string }[], patch: unknown): unknown[] {
  const byId = new Map<string, unknown>(resources.map((resource) => [resource.id.toLowerCase(), resource]));
  for (const [id, change] of Object.entries(isObject(patch) ? patch : {})) {
    const key = id.toLowerCase();
    if (change === null) byId.delete(key);
    else byId.set(key, mergePatch(byId.get(key) ?? named(id), change));
  }
  return [...byId.values()];
}

/** What a resource's id says of it by itself. */
function named(id: string): { id: string; name?: string; type?: string } {
  const parsed = parseArmId(id);
  return parsed === undefined ? { id } : { id, name: parsed.name, type: parsed.type };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
