import { readdir, readFile } from "node:fs/promises";
import { loadProbes, type Registry } from "../engine/registry.ts";

// What ships beside the code, read from the project's folders. In the packaged program another module stands in the
// place of this one, with the same exports and the same files inside: see scripts/package/shipped-inside.ts.

const project = new URL("../../", import.meta.url);

/** The text of a file that ships, by its path in the project, such as `src/lab/demo-world.json`; undefined when no such
 * file ships. */
export async function readShipped(name: string): Promise<string | undefined> {
  try {
    return await readFile(new URL(name, project), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The paths of the files that ship in this folder of the project, such as `playbooks`, sorted; none when there is no such
 * folder. */
export async function listShipped(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(new URL(`${folder}/`, project), { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ name }) => `${folder}/${name}`).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The checks that ship. Throws `RegistryError` when one cannot be loaded, which is a bug of ours. */
export function loadShippedProbes(): Promise<Registry> {
  return loadProbes(new URL("probes", project));
}
