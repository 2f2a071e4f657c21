import { describe, expect, it } from "vitest";
import { amlDoctor } from "./spawned.ts";
import { reportSchema } from "../../src/model/report.ts";

describe("the picture of a diagnosis", { timeout: 30_000 }, () => {
  it("is in the report of the demo: the broken hop, and every name as measured", async () => {
    const { stdout } = await amlDoctor(["demo", "--output", "json"]);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.path?.filter(({ status }) => status === "broken").flatMap(({ causes }) => causes)).toEqual(
      expect.arrayContaining(report.rootCauses.map(({ id }) => id)),
    );
    expect(report.matrix?.map(({ service }) => service)).toEqual(
      expect.arrayContaining(["workspace-api", "key-vault", "registry", "blob"]),
    );
    for (const row of report.matrix ?? []) {
      expect(row.system.text).not.toBe("");
      expect(row.reaches.map(({ address }) => address)).toEqual(expect.arrayContaining(row.expected));
    }
  });

  it("is printed as a page", async () => {
    const { stdout, exitCode } = await amlDoctor(["demo", "--output", "html"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<svg [\s\S]*<\/html>\n$/);
  });
});
