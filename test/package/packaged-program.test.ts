import { copyFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, singleFile, type Bundle } from "../../scripts/package/bundle.ts";
import { writeExecutable } from "../../scripts/package/executable.ts";
import { nodeVersion } from "../../scripts/package/node-binary.ts";
import { ownPlatform, platforms } from "../../scripts/package/platforms.ts";
import { emptyFolder, project, runAlone, timeless } from "./packed.ts";

const start = path.join(project, "src/cli/start.js");
const manyRuns = 120_000;

const questions: readonly (readonly string[])[] = [
  ["--version"],
  ["--help"],
  ["diagnose", "--help"],
  ["probes"],
  ["playbooks"],
  ["playbooks", "show", "everything"],
  ["schema", "nonsense"],
  ["nonsense"],
];

let folder = "";
let made: Bundle;

beforeAll(async () => {
  folder = await emptyFolder();
  await copyFile(path.join(project, "src/lab/demo-world.json"), path.join(folder, "world.json"));
  made = await bundle(project);
}, manyRuns);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The tests of a program that was copied to a folder where nothing else is. */
function saysWhatTheSourcesSay(program: () => readonly [string, ...string[]]): void {
  const packed = (given: readonly string[]) => runAlone(folder, program()[0], [...program().slice(1), ...given]);
  const source = (given: readonly string[]) => runAlone(folder, process.execPath, [start, ...given]);

  it(
    "gives the report of the sources on a world, without a network",
    async () => {
      const given = ["diagnose", "--world", "world.json", "--output", "json"];
      const [ours, theirs] = [await packed(given), await source(given)];
      expect(ours).toMatchObject({ exitCode: 2, stderr: "" });
      expect(timeless(ours.stdout)).toEqual(timeless(theirs.stdout));
    },
    manyRuns,
  );

  it(
    "brings its demo",
    async () => {
      const { exitCode, stdout } = await packed(["demo", "--ascii"]);
      expect(stdout.split("\n")[0]).toMatch(/^x UNHEALTHY mlprod \/ score1 \/ blue/);
      expect(exitCode).toBe(0);
    },
    manyRuns,
  );

  it("brings its schemas", async () => {
    const [ours, theirs] = [await packed(["schema"]), await source(["schema"])];
    expect(JSON.parse(ours.stdout)).toEqual(JSON.parse(theirs.stdout));
  });

  it.each(questions.map((given) => ({ given })))(
    "answers $given as the sources do",
    async ({ given }) => {
      expect(await packed(given)).toEqual(await source(given));
    },
    manyRuns,
  );
}

describe("the single JavaScript file", () => {
  beforeAll(() => writeFile(path.join(folder, "aml-doctor.cjs"), singleFile(made)));

  saysWhatTheSourcesSay(() => [process.execPath, "aml-doctor.cjs"]);

  it("keeps what was compiled in the user's own folder", async () => {
    await runAlone(folder, process.execPath, ["aml-doctor.cjs", "playbooks"]);
    expect(await readdir(path.join(folder, ".cache/aml-doctor"))).not.toEqual([]);
  });
});

const own = platforms.find(({ name }) => name === ownPlatform());
const current = process.versions.node === (await nodeVersion(project));
if (own === undefined || !current) console.warn("skipped, since no executable is made for this platform or Node");

describe.skipIf(own === undefined || !current)("the executable of this platform", () => {
  beforeAll(async () => {
    if (own !== undefined) await writeExecutable(project, made, own, path.join(folder, own.executable));
  }, 180_000);

  saysWhatTheSourcesSay(() => [path.join(folder, own?.executable ?? "")]);
});
