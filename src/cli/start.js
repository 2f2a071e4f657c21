#!/usr/bin/env node
// The way in from a shell. Plain JavaScript, because loading Node's TypeScript support alone takes longer than printing a
// version may; `node src/cli/main.ts` does the same, slower.
import { existsSync, readFileSync } from "node:fs";

const text = textFor(process.argv.slice(2));
if (text === undefined) {
  await run();
} else {
  process.stdout.write(text);
}

/** What needs no program to be answered. The help is generated from the program's own. */
function textFor([first, ...more]) {
  if (more.length > 0) return undefined;
  if (first === "--help" || first === "-h") return read("help.txt");
  if (first === "--version" || first === "-V") return `${JSON.parse(read("../../package.json")).version}\n`;
  return undefined;
}

function read(name) {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

async function run() {
  if (Number(process.versions.node.split(".")[0]) < 24) {
    process.stderr.write(
      `aml-doctor: Node 24 or newer is needed, and this is ${process.versions.node}. From a checkout, \`npm run aml-doctor --\` brings its own.\n`,
    );
    process.exitCode = 64;
    return;
  }
  const sources = new URL("main.ts", import.meta.url);
  if (existsSync(sources)) {
    await keepCompiled();
    await import(sources.href);
  } else {
    // An installed package holds the program in one file instead of the sources.
    await import("../../dist/aml-doctor.cjs");
  }
}

async function keepCompiled() {
  const [{ enableCompileCache }, { homedir }, { join }] = await Promise.all([
    import("node:module"),
    import("node:os"),
    import("node:path"),
  ]);
  // A folder of the user's own: what is cached is executed, so it must not lie where others can write. Where it cannot
  // be made, Node goes on without a cache.
  enableCompileCache(
    join(process.env.XDG_CACHE_HOME ?? process.env.LOCALAPPDATA ?? join(homedir(), ".cache"), "aml-doctor"),
  );
}
