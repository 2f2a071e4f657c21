// The head of the packaged program: everything that Node reads before it knows what is asked. It answers what needs no
// program, and else starts the body, which is the program itself. Node takes several times as long to read the body as it
// takes to start, so the body stands where Node skips it: packed in a comment of the single file, or in an asset
// of the executable.

/** Filled in at packaging. */
declare const VERSION: string;
declare const HELP: string;
declare const NEEDED_NODE: number;
declare const BODY_MARK: string;

const answers: Readonly<Record<string, string>> = {
  "--version": `${VERSION}\n`,
  "-V": `${VERSION}\n`,
  "--help": HELP,
  "-h": HELP,
};

const given = process.argv.slice(2);
const answer = given.length === 1 ? answers[given[0] ?? ""] : undefined;
if (answer !== undefined) process.stdout.write(answer);
else if (parseInt(process.versions.node, 10) < NEEDED_NODE) refuse();
else if (process.getBuiltinModule("node:sea").isSea()) runAsset();
else runFile();

function refuse(): void {
  // 69 is EX_UNAVAILABLE of sysexits: nothing was looked at.
  process.exitCode = 69;
  process.stderr.write(
    `aml-doctor: needs Node ${NEEDED_NODE} or later; this is Node ${process.versions.node}.\n` +
      "The executables of aml-doctor bring their own.\n",
  );
}

/** Runs the body of this file. Node keeps what it compiled, as it does for the sources, so that the next start is quicker. */
function runFile(): void {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const { homedir } = process.getBuiltinModule("node:os");
  const { join } = process.getBuiltinModule("node:path");
  const { XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env;
  // A folder of the user's own: what is cached is executed, so it must not lie where others can write.
  process
    .getBuiltinModule("node:module")
    .enableCompileCache(join(cache ?? local ?? join(homedir(), ".cache"), "aml-doctor"));
  const file = readFileSync(__filename, "utf8");
  const packed = file.slice(file.lastIndexOf(BODY_MARK) + BODY_MARK.length, file.lastIndexOf("*/"));
  const body = process.getBuiltinModule("node:zlib").gunzipSync(Buffer.from(packed, "base64")).toString();
  // Through the loader, since the cache is the loader's.
  (module as NodeJS.Module & { _compile(text: string, file: string): void })._compile(body, __filename);
}

/** Runs the body that lies in this executable, with what V8 made of it where that could be made for this platform. */
function runAsset(): void {
  const sea = process.getBuiltinModule("node:sea");
  const { Script } = process.getBuiltinModule("node:vm");
  const cached = sea.getAssetKeys().includes("body.cache") ? Buffer.from(sea.getRawAsset("body.cache")) : undefined;
  const script = new Script(sea.getAsset("body.js", "utf8"), {
    filename: "aml-doctor.js",
    ...(cached === undefined ? {} : { cachedData: cached }),
  });
  const start = script.runInThisContext() as (
    exports: unknown,
    load: NodeJS.Require,
    own: NodeJS.Module,
    file: string,
  ) => void;
  start(module.exports, require, module, process.execPath);
}
