import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { applyPatch, parseWorld } from "../../src/lab/world.ts";
import { reportSchema } from "../../src/model/report.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { amlDoctor } from "./spawned.ts";

const folder = temporaryFolder("worlds");
const demoFile = new URL("../../src/lab/demo-world.json", import.meta.url).pathname;
const demo = parseWorld(readFileSync(demoFile, "utf8"), "demo");

/** The estate of the demo with a change, as a file. */
function world(name: string, patch: object): string {
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(applyPatch(demo, patch)));
  return file;
}

/** Every answer of Resource Manager takes longer than any deadline here. */
const slow = world("slow", { arm: { faults: [{ match: "/subscriptions/", delayMs: 60_000 }] } });
const subscriptions = [...new Set(demo.arm.resources.map(({ id }) => id.split("/").slice(0, 3).join("/")))];
const denied = world("denied", { arm: { denied: subscriptions.map((scope) => ({ action: "*", scope })) } });

describe("diagnose", () => {
  it("prints a report that follows the schema, nothing else, and ends by the verdict", async () => {
    const ended = await amlDoctor(["diagnose", "--world", demoFile, "--output", "json"]);
    expect(reportSchema.parse(JSON.parse(ended.stdout))).toMatchObject({
      verdict: "unhealthy",
      complete: true,
      target: { workspace: "mlprod", endpoint: "score1", cloud: "AzureCloud" },
      vantage: { name: "vm-jump", addresses: ["10.1.1.4"], resolvers: ["168.63.129.16"] },
    });
    expect(ended).toMatchObject({ exitCode: 2, stderr: "" });
  });

  it("says the verdict in the first line", async () => {
    const ended = await amlDoctor(["demo", "--ascii"]);
    expect(ended.stdout.split("\n")[0]).toMatch(/^x UNHEALTHY mlprod \/ score1 \/ blue: \d+ root cause/);
    expect(ended.exitCode, "a demo that shows the fault is a success").toBe(0);
  });

  it("tells of a workspace that does not exist, and how to find the right one", async () => {
    const ended = await amlDoctor(["diagnose", "--world", demoFile, "-w", "nowhere"]);
    expect(ended).toMatchObject({ exitCode: 65, stdout: "" });
    expect(ended.stderr).toContain("/workspaces/nowhere");
    expect(ended.stderr).toContain("az resource list --subscription 00000000-0000-4000-8000-000000000001");
  });

  it("is inconclusive, and names the permission, when nothing may be read", async () => {
    const ended = await amlDoctor(["diagnose", "--world", denied]);
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain("Would need: Microsoft.MachineLearningServices/workspaces/read");
  });

  it("prints what is known when the deadline passes", async () => {
    const started = performance.now();
    const ended = await amlDoctor(["diagnose", "--world", slow, "--deadline", "1", "--output", "json"]);
    expect(reportSchema.parse(JSON.parse(ended.stdout))).toMatchObject({ complete: false, verdict: "inconclusive" });
    expect(ended.exitCode).toBe(3);
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it("prints what is known when interrupted", async () => {
    const ended = await amlDoctor(["diagnose", "--world", slow], {
      whileRunning: (child) => setTimeout(() => child.kill("SIGINT"), 2500),
    });
    expect(ended.exitCode).toBe(130);
    expect(ended.stdout).toContain("The run was cut short");
  });

  it("does not mind a reader that goes away", async () => {
    const ended = await amlDoctor(["diagnose", "--world", demoFile], {
      whileRunning: (child) => child.stdout?.destroy(),
    });
    expect(ended).toMatchObject({ exitCode: 2, stderr: "" });
  });
});
