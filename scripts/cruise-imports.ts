import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";

/** What ships, and is therefore held to the import table. */
export const shippedFolders = ["src", "probes", "playbooks"] as const;

const cruiseResult = z.object({
  modules: z.array(z.object({ source: z.string(), dependencies: z.array(z.object({ resolved: z.string() })) })),
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** What a cruise found. Paths are relative to the project and use `/`. */
export interface ImportCheck {
  /** `rule: from -> to`, or `rule: module`, sorted. */
  readonly violations: readonly string[];
  /** TypeScript files of the shipped folders that the linter did not visit, or visited without seeing their imports. */
  readonly unseen: readonly string[];
  /** How many shipped TypeScript files it did see. */
  readonly seen: number;
}

/**
 * Holds the project in `projectFolder` to the rules of `configFile`. Throws when the linter itself fails or outlives
 * two minutes.
 */
export async function cruiseImports(projectFolder: string, configFile: string): Promise<ImportCheck> {
  const files = await shippedFiles(projectFolder);
  const cruised = cruiseResult.parse(JSON.parse(await runCruiser(projectFolder, configFile)));
  const imports = new Map(cruised.modules.map((module) => [module.source, module.dependencies.length]));
  const unseen: string[] = [];
  for (const file of files) {
    const count = imports.get(file);
    // A linter that cannot parse TypeScript skips such files, or lists them with no imports, and then finds no fault.
    const blind =
      count === 0 && /^(import|export) .*from "/m.test(await readFile(path.join(projectFolder, file), "utf8"));
    if (count === undefined || blind) unseen.push(file);
  }
  const violations = cruised.summary.violations.map(({ rule, from, to }) =>
    // A rule about a module by itself names it on both sides.
    from === to ? `${rule.name}: ${from}` : `${rule.name}: ${from} -> ${to}`,
  );
  return { violations: [...new Set(violations)].sort(), unseen, seen: files.length - unseen.length };
}

async function shippedFiles(projectFolder: string): Promise<string[]> {
  const files: string[] = [];
  for (const folder of shippedFolders) {
    const entries = await readdir(path.join(projectFolder, folder), { recursive: true });
    for (const entry of entries) if (entry.endsWith(".ts")) files.push(`${folder}/${entry.split(path.sep).join("/")}`);
  }
  return files.sort();
}

async function runCruiser(projectFolder: string, configFile: string): Promise<string> {
  const binary = fileURLToPath(
    new URL("../node_modules/dependency-cruiser/bin/dependency-cruise.mjs", import.meta.url),
  );
  // Scripts are cruised with the rest because they are entry points too, where there are any.
  const found = await readdir(projectFolder);
  const folders = [...shippedFolders, "scripts"].filter((folder) => found.includes(folder));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [binary, "--config", configFile, "--output-type", "json", ...folders],
    // The whole graph is one line of JSON: megabytes.
    { cwd: projectFolder, maxBuffer: 256 * 1024 * 1024, timeout: 120_000 },
  );
  return stdout;
}
