import { execFile } from "node:child_process";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { ownPlatform, type Platform } from "./platforms.ts";

const run = promisify(execFile);

/** For a download of some 50 MB from the registry. */
const downloadMs = 300_000;

const manifestSchema = z.object({ devDependencies: z.object({ node: z.string() }) });

/** The version of Node that the project runs on, and therefore ships. */
export async function nodeVersion(project: string): Promise<string> {
  return manifestSchema.parse(JSON.parse(await readFile(path.join(project, "package.json"), "utf8"))).devDependencies
    .node;
}

/**
 * The path of Node's binary for this platform, in the project's own version. For the own platform it is the installed one;
 * for others it comes from the registry, through npm, which checks its integrity, and is kept in `node_modules/.cache`.
 * Throws when the registry cannot be reached.
 */
export async function nodeBinary(project: string, platform: Platform): Promise<string> {
  const version = await nodeVersion(project);
  if (platform.name === ownPlatform() && process.versions.node === version) return process.execPath;
  const cache = path.join(project, "node_modules/.cache/aml-doctor");
  const folder = path.join(cache, `${platform.package}-${version}`);
  const binary = path.join(folder, platform.binary);
  if (await exists(binary)) return binary;
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    await npm(["pack", `${platform.package}@${version}`, "--silent", "--pack-destination", fresh], project);
    await run("tar", ["-xzf", `${platform.package}-${version}.tgz`, "--strip-components=1"], {
      cwd: fresh,
      timeout: downloadMs,
    });
    await rm(path.join(fresh, `${platform.package}-${version}.tgz`));
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return binary;
}

/** Runs npm, also on Windows, where it is no program but a script; gives its standard output. */
export async function npm(given: readonly string[], folder: string): Promise<string> {
  const own = process.env["npm_execpath"];
  const [program, ...before] = own?.endsWith(".js") === true ? [process.execPath, own] : ["npm"];
  const { stdout } = await run(program, [...before, ...given], {
    cwd: folder,
    timeout: downloadMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
