import {
  isWithin,
  readArmPath,
  resourceGroupOf,
  resourceGroupType,
  resourceProviderType,
  segmentsOf,
  subscriptionOf,
  subscriptionType,
  type ArmPath,
} from "./arm-path.ts";
import { childrenWithin, withChildren } from "./embedded-children.ts";
import type { World, WorldResource } from "./world.ts";

/** A resource with what its id says of it. */
export interface Entry {
  readonly path: ArmPath;
  readonly resource: WorldResource;
}

/** The ARM resources of a world, found by id or listed by type and scope; nothing here has case. */
export interface Estate {
  /** The resource as a GET shows it. `id` is lower case. */
  find(id: string): Entry | undefined;
  /** Everything of a type (lower case; `*` for all tracked resources) at or below a scope, in the order of the world. */
  list(type: string, scope: string): Entry[];
  /** Whether there is such a resource, resource group or subscription. A group that holds a resource exists. */
  exists(id: string): boolean;
}

const recordSetLists = ["microsoft.network/privatednszones/all", "microsoft.network/privatednszones/recordsets"];
const recordSetTypes = new Set(
  ["a", "aaaa", "cname", "mx", "ptr", "soa", "srv", "txt"].map((type) => `microsoft.network/privatednszones/${type}`),
);

/** Indexes a world's resources. */
export function readEstate(world: World): Estate {
  const entries = new Map<string, Entry>();
  const add = (resource: WorldResource): void => {
    const path = readArmPath(segmentsOf(resource.id));
    if (path?.kind === "item" && !entries.has(path.id)) entries.set(path.id, { path, resource });
  };
  world.arm.resources.forEach(add);
  for (const { path, resource } of [...entries.values()]) childrenWithin(path.type, resource).forEach(add);
  for (const { path, resource } of [...entries.values()]) {
    for (const holder of [implied(resourceGroupOf(path.id), resource), implied(subscriptionOf(path.id), resource)])
      if (holder !== undefined) add(holder);
  }

  const list = (type: string, scope: string): Entry[] => {
    const wanted = recordSetLists.includes(type)
      ? (each: string) => recordSetTypes.has(each)
      : (each: string) => each === type;
    return [...entries.values()]
      .filter(
        ({ path }) =>
          (type === "*" ? isTracked(path) : wanted(path.type)) && path.id !== scope && isWithin(path.id, scope),
      )
      .map(whole);
  };
  const whole = ({ path, resource }: Entry): Entry => ({
    path,
    resource: withChildren(path.type, resource, (childType) =>
      [...entries.values()]
        .filter((each) => each.path.type === childType && each.path.scope === path.id)
        .map((each) => each.resource),
    ),
  });
  return {
    find(id) {
      const entry = entries.get(id) ?? roleDefinition(entries, id) ?? resourceProvider(entries, id);
      return entry === undefined ? undefined : whole(entry);
    },
    list,
    exists: (id) => entries.has(id),
  };
}

/** Built-in role definitions are the same at every scope: the last part of the id names them. */
function roleDefinition(entries: ReadonlyMap<string, Entry>, id: string): Entry | undefined {
  const path = readArmPath(segmentsOf(id));
  if (path?.type !== "microsoft.authorization/roledefinitions" || path.kind !== "item") return undefined;
  const name = id.slice(id.lastIndexOf("/"));
  return [...entries.values()].find((entry) => entry.path.type === path.type && entry.path.id.endsWith(name));
}

/** A provider that a world did not spell out is registered where something of it stands. */
function resourceProvider(entries: ReadonlyMap<string, Entry>, id: string): Entry | undefined {
  const path = readArmPath(segmentsOf(id));
  if (path?.type !== resourceProviderType) return undefined;
  const namespace = id.slice(id.lastIndexOf("/") + 1);
  const own = [...entries.values()].find(
    (entry) => entry.path.type.startsWith(`${namespace}/`) && isWithin(entry.path.id, path.scope),
  );
  if (own === undefined) return undefined;
  const name = own.path.typeText.split("/")[0] ?? namespace;
  const resource = { id, type: path.typeText, name, namespace: name, registrationState: "Registered" };
  return { path, resource };
}

/** A group or subscription that a world did not spell out. */
function implied(id: string | undefined, inside: WorldResource): WorldResource | undefined {
  if (id === undefined) return undefined;
  const written = inside.id.slice(0, id.length);
  const name = written.slice(written.lastIndexOf("/") + 1);
  return id === subscriptionOf(id)
    ? {
        id: written,
        type: "Microsoft.Resources/subscriptions",
        name,
        subscriptionId: name,
        displayName: name,
        state: "Enabled",
      }
    : {
        id: written,
        type: "Microsoft.Resources/resourceGroups",
        name,
        location: inside["location"] ?? "global",
        properties: { provisioningState: "Succeeded" },
      };
}

/** The generic list shows top-level resources of resource groups only. */
function isTracked(path: ArmPath): boolean {
  return path.type !== subscriptionType && path.type !== resourceGroupType && path.scope === resourceGroupOf(path.id);
}
