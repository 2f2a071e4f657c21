import { parentId } from "../model/arm-id.ts";
import { isWithin, readArmPath, segmentsOf } from "./arm-path.ts";
import { embed } from "./embedded-children.ts";
import type { World, WorldResource } from "./world.ts";

/** A world while one write is applied to it: a copy, so that a write which fails leaves nothing behind. */
export interface Draft {
  readonly world: World;
  /** A resource by id, without case; undefined when there is none. */
  find(id: string): WorldResource | undefined;
  /** Adds a resource or takes the place of the one with its id; a parent that shows its children shows it, too. */
  put(resource: WorldResource): void;
  /** Takes away a resource and everything below it. */
  drop(id: string): void;
  /** All resources of a type, without case. */
  ofType(type: string): WorldResource[];
}

/** Opens a draft of a world, which itself stays as it is. */
export function draftOf(before: World): Draft {
  const world = structuredClone(before);
  const { arm } = world;
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  const find = (id: string): WorldResource | undefined => arm.resources.find((each) => same(each.id, id));
  const tellParent = (id: string, child: WorldResource | undefined): void => {
    const parent = find(parentId(id));
    const path = readArmPath(segmentsOf(id));
    if (parent !== undefined && path !== undefined) embed(parent, path.type, id, child);
  };
  return {
    world,
    find,
    put(resource) {
      const index = arm.resources.findIndex((each) => same(each.id, resource.id));
      if (index < 0) arm.resources.push(resource);
      else arm.resources[index] = resource;
      tellParent(resource.id, resource);
    },
    drop(id) {
      arm.resources = arm.resources.filter((each) => !isWithin(each.id.toLowerCase(), id.toLowerCase()));
      tellParent(id, undefined);
    },
    ofType: (type) => arm.resources.filter((each) => same(each.type, type)),
  };
}

/** A JSON object within a resource: its properties, or an object of theirs. Empty for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The properties of a resource. */
export function propertiesOf(resource: WorldResource | undefined): Record<string, unknown> {
  return objectOf(resource?.["properties"]);
}

/** The objects of a JSON list; empty for anything else. */
export function objectsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** A text within a resource; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
