import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { project } from "./packed.ts";

const minutes = 300_000;

it("the benchmark measures the sources, and tells where the time goes", { timeout: minutes }, async () => {
  const given = ["scripts/benchmark.ts", "1"];
  const { stdout } = await promisify(execFile)(process.execPath, given, { cwd: project, timeout: minutes });
  for (const task of ["--version", "--help", "diagnose the demo"])
    expect(stdout).toMatch(new RegExp(`^ {2}${task} +sources( +\\d+ ms +\\d+\\.\\d\\d x){2}$`, "m"));
  expect(stdout).toMatch(/^ {2}diagnose +\d+ ms$/m);
});
