import { readEstate, type Estate } from "./estate.ts";
import type { World } from "./world.ts";

/** The world that a lab serves now: a writable lab puts another in its place with every write. */
export interface HeldWorld {
  readonly now: World;
  /** Of the world as it is now; may be kept. */
  readonly estate: Estate;
  replace(world: World): void;
}

/** Holds a world. */
export function holdWorld(first: World): HeldWorld {
  let now = first;
  let estate = readEstate(first);
  return {
    get now() {
      return now;
    },
    estate: {
      find: (id) => estate.find(id),
      list: (type, scope) => estate.list(type, scope),
      exists: (id) => estate.exists(id),
    },
    replace(world) {
      now = world;
      estate = readEstate(world);
    },
  };
}
