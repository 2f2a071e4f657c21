import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Probe } from "../model/probe.ts";
import { messageOf } from "./log.ts";
import { createRegistry, RegistryError, type Registry } from "./create-registry.ts";

export { createRegistry, RegistryError, type Registry };

/**
 * Reads every probe of a folder: `<area>/<name>.ts`, tests left out. The folder is the list; nothing else names a probe.
 * Throws `RegistryError`, naming the file, when a file is no probe or is not where its id says, and for everything that
 * `createRegistry` refuses.
 */
export async function loadProbes(folder: URL | string): Promise<Registry> {
  const root = typeof folder === "string" ? folder : fileURLToPath(folder);
  let names: string[];
  try {
    names = await readdir(root, { recursive: true });
  } catch (cause) {
    throw new RegistryError(`${root}: the folder of probes cannot be read: ${messageOf(cause)}`, { cause });
  }
  const files = names
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith(".d.ts"))
    .sort();
  return createRegistry(await Promise.all(files.map((file) => loadProbe(root, file))));
}

async function loadProbe(root: string, file: string): Promise<Probe> {
  const path = join(root, file);
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new RegistryError(`${path}: cannot be loaded: ${messageOf(cause)}`, { cause });
  }
  const probe = typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : undefined;
  if (!isProbe(probe)) throw new RegistryError(`${path}: the default export is no probe (see defineProbe)`);
  const id = file.split(sep).join("/").slice(0, -".ts".length);
  if (probe.id !== id) throw new RegistryError(`${path}: the probe calls itself ${probe.id}; its path makes it ${id}`);
  return probe;
}

function isProbe(value: unknown): value is Probe {
  if (typeof value !== "object" || value === null) return false;
  const has = (key: string, type: string): boolean => typeof Reflect.get(value, key) === type;
  return (
    has("id", "string") &&
    has("title", "string") &&
    Array.isArray(Reflect.get(value, "docs")) &&
    has("reasons", "object") &&
    has("needs", "object") &&
    has("judge", "function")
  );
}
