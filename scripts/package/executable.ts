import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Script } from "node:vm";
import type { Bundle } from "./bundle.ts";
import { nodeBinary } from "./node-binary.ts";
import { ownPlatform, type Platform } from "./platforms.ts";

const run = promisify(execFile);

/** Node looks for this text in itself, to learn whether a program was put in. https://nodejs.org/api/single-executable-applications.html */
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
/** Rewriting a binary of 120 MB takes seconds on an idle machine. */
const injectMs = 180_000;

/** Writes the executable of a platform to `file`: Node with the program inside. Throws when Node cannot be had or written. */
export async function writeExecutable(
  project: string,
  bundle: Bundle,
  platform: Platform,
  file: string,
): Promise<void> {
  const binary = await nodeBinary(project, platform);
  const work = await mkdtemp(path.join(tmpdir(), "aml-doctor-package-"));
  try {
    const blob = await prepareBlob(bundle, platform, work);
    await copyFile(binary, file);
    await chmod(file, 0o755);
    const postject = path.join(project, "node_modules/postject/dist/cli.js");
    await run(process.execPath, [postject, file, "NODE_SEA_BLOB", blob, "--sentinel-fuse", fuse], {
      timeout: injectMs,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What is put in, in Node's own form. Compiled code is only good for the V8 and processor that made it, which rules it out
 * for foreign platforms. */
async function prepareBlob({ head, body }: Bundle, { name }: Platform, work: string): Promise<string> {
  const own = name === ownPlatform();
  const source = `(function(exports,require,module,__filename){${body}\n})`;
  const within = (name: string) => path.join(work, name);
  const blob = within("program.blob");
  const assets: Record<string, string> = { "body.js": within("body.js") };
  await writeFile(within("head.js"), head);
  await writeFile(within("body.js"), source);
  if (own) {
    assets["body.cache"] = within("body.cache");
    await writeFile(within("body.cache"), new Script(source, { filename: "aml-doctor.js" }).createCachedData());
  }
  await writeFile(
    within("sea.json"),
    JSON.stringify({
      main: within("head.js"),
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: own,
      assets,
    }),
  );
  await run(process.execPath, ["--experimental-sea-config", within("sea.json")], { timeout: injectMs });
  return blob;
}
