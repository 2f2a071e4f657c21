import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { npm } from "../../scripts/package/node-binary.ts";
import { emptyFolder, project, runAlone } from "./packed.ts";

const packResult = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);
const slow = 120_000;

let folder = "";
let packed: z.infer<typeof packResult>[0];

beforeAll(async () => {
  folder = await emptyFolder();
  // The build is the same that npm would start; started from here its messages cannot mix with npm's answer.
  await promisify(execFile)(process.execPath, ["scripts/package.ts", "js"], { cwd: project, timeout: slow });
  const told = await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], project);
  [packed] = packResult.parse(JSON.parse(told));
}, slow);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the npm package", () => {
  it("holds the program, its schemas and its licences, and no sources", () => {
    const files = packed.files.map((file) => file.path);
    expect(files.filter((file) => !file.startsWith("schemas/")).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-LICENSES.txt",
      "dist/aml-doctor.cjs",
      "package.json",
      "src/cli/help.txt",
      "src/cli/start.js",
    ]);
    expect(files).toContain("schemas/report.schema.json");
  });

  it(
    "installs without a registry as a global command that works",
    async () => {
      const prefix = path.join(folder, "prefix");
      const cache = path.join(folder, "cache");
      const archive = path.join(folder, packed.filename);
      // Offline and with an empty cache: a dependency of the package could not be had, for all code is in it.
      await npm(["install", "--global", "--offline", "--cache", cache, "--prefix", prefix, archive], folder);
      const command = process.platform === "win32" ? "aml-doctor.cmd" : "bin/aml-doctor";
      const ended = await runAlone(folder, path.join(prefix, command), ["demo", "--ascii"]);
      expect(ended.stdout.split("\n")[0]).toMatch(/^x UNHEALTHY mlprod \/ score1 \/ blue/);
      expect(ended.exitCode).toBe(0);
      // Beside the command it offers its schemas, and no sources to build upon.
      const place = path.join(prefix, process.platform === "win32" ? "node_modules" : "lib/node_modules", "x.js");
      const { resolve } = createRequire(place);
      expect(resolve("aml-doctor/schemas/report.schema.json")).toContain("report.schema.json");
      expect(() => resolve("aml-doctor")).toThrow(/exports/);
    },
    slow,
  );
});
