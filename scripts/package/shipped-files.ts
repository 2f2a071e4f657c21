import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Folders, and the kind of their files, that the program reads while it runs. */
const kinds: readonly { folder: string; extension: string }[] = [
  { folder: "playbooks", extension: ".yaml" },
  { folder: "schemas", extension: ".json" },
  { folder: "docs/failures", extension: ".md" },
];
const demoWorld = "src/lab/demo-world.json";

/** Every file that the packaged program carries, by its path in the project. JSON is written tightly. */
export async function shippedFiles(project: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { folder, extension } of kinds)
    for (const name of await filesIn(path.join(project, folder)))
      if (name.endsWith(extension)) files.set(`${folder}/${name}`, await text(path.join(project, folder, name)));
  files.set(demoWorld, await text(path.join(project, demoWorld)));
  return files;
}

/** The ids of every probe: their paths under `probes`, without the extension. */
export async function shippedProbes(project: string): Promise<readonly string[]> {
  const names = await readdir(path.join(project, "probes"), { recursive: true });
  return names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.split(path.sep).join("/").slice(0, -".ts".length))
    .sort();
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function text(file: string): Promise<string> {
  const read = await readFile(file, "utf8");
  return file.endsWith(".json") ? JSON.stringify(JSON.parse(read)) : read;
}
