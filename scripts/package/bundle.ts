import { readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Metafile } from "esbuild";
import * as z from "zod";
import { shippedInside } from "./shipped-inside.ts";

/** The program in parts, and what went into it. */
export interface Bundle {
  readonly version: string;
  /** Answers what needs no program and starts the body: a CommonJS script in one line. */
  readonly head: string;
  /** The program, minified: the inside of a CommonJS module. */
  readonly body: string;
  /** Folders of the packages whose code is in the body, relative to the project and sorted. */
  readonly packages: readonly string[];
}

/** The Node that the code is written for, by its major version. */
const neededNode = 24;
/** What the comment with the body begins with. */
const bodyMark = "/*program:";

const common = {
  bundle: true,
  minify: true,
  platform: "node",
  format: "cjs",
  // Text in one byte per character is read faster.
  charset: "ascii",
  legalComments: "none",
  write: false,
  metafile: true,
  logLevel: "error",
} satisfies BuildOptions;

/** Bundles the sources in the folder `project`. Throws when something does not resolve, and for what the bundler only warns
 * of: such as a path that the sources find beside themselves, where the single file has nothing. */
export async function bundle(project: string): Promise<Bundle> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(project, "package.json"), "utf8")));
  const [head, body] = await Promise.all([
    build({
      ...common,
      absWorkingDir: project,
      entryPoints: [path.join(project, "scripts/package/head.ts")],
      // An old Node must be able to read it, to be told that it is too old.
      target: "node14",
      // Keeps the head in one line.
      supported: { "template-literal": false },
      define: {
        VERSION: JSON.stringify(version),
        HELP: JSON.stringify(await readFile(path.join(project, "src/cli/help.txt"), "utf8")),
        NEEDED_NODE: String(neededNode),
        BODY_MARK: JSON.stringify(bodyMark),
      },
    }),
    build({
      ...common,
      absWorkingDir: project,
      entryPoints: [path.join(project, "src/cli/main.ts")],
      target: `node${neededNode}`,
      // What is imported when it is needed stays lazy, without a loader: an executable has none.
      supported: { "dynamic-import": false },
      // The file is all there is: it looks for no native helpers of ws beside itself.
      define: { "process.env.WS_NO_BUFFER_UTIL": '"1"', "process.env.WS_NO_UTF_8_VALIDATE": '"1"' },
      plugins: [shippedInside(project)],
    }),
  ]);
  for (const { text, location } of [...head.warnings, ...body.warnings])
    throw new Error(`${location?.file ?? "the bundle"}:${location?.line ?? 0}: ${text}`);
  return {
    version,
    head: textOf(head.outputFiles),
    body: textOf(body.outputFiles).replace(/^#!.*\n/, ""),
    packages: packagesOf(body.metafile),
  };
}

/** One JavaScript file: the head, and the body in a comment. It is packed, since Node reads past every letter of it. */
export function singleFile({ head, body }: Bundle): string {
  return `#!/usr/bin/env node\n${head.trim()}\n${bodyMark}${gzipSync(body, { level: 9 }).toString("base64")}*/\n`;
}

function textOf(files: readonly { readonly text: string }[] | undefined): string {
  const [file] = files ?? [];
  if (file === undefined) throw new Error("the bundler gave no file");
  return file.text;
}

/** Code that was left out for nobody uses it does not count. */
function packagesOf({ outputs }: Metafile): readonly string[] {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  return [...folders].sort();
}
