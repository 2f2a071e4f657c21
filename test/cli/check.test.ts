import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { applyPatch, parseWorld } from "../../src/lab/world.ts";
import { reportSchema } from "../../src/model/report.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { amlDoctor } from "./spawned.ts";

const folder = temporaryFolder("check");
const broken = new URL("../../src/lab/demo-world.json", import.meta.url).pathname;
const fine = new URL("../worlds/baselines/managed-network.json", import.meta.url).pathname;
const place = (name: string) => path.join(folder, name);

/** The healthy estate, when nothing of it may be read. */
const denied = place("denied.json");
const world = parseWorld(readFileSync(fine, "utf8"), "fine");
const scopes = [...new Set(world.arm.resources.map(({ id }) => id.split("/").slice(0, 3).join("/")))];
writeFileSync(
  denied,
  JSON.stringify(applyPatch(world, { arm: { denied: scopes.map((scope) => ({ action: "*", scope })) } })),
);

const changesOf = (text: string) => reportSchema.parse(JSON.parse(text)).changes!;

describe("check", () => {
  it(
    "says what is new, keeps quiet about what is known, and writes every format at once",
    { timeout: 60_000 },
    async () => {
      const state = place("story.json");
      const first = await amlDoctor(["check", "--world", broken, "--state", state, "--output", "json"]);
      expect(first.exitCode).toBe(2);
      expect(changesOf(first.stdout)).toMatchObject({ verdict: "unhealthy", problems: [{ state: "new" }] });
      expect(changesOf(first.stdout).comparedWith).toBeUndefined();

      const files = ["json", "jsonl", "junit", "sarif", "openmetrics", "plugin", "markdown", "text"].map((format) => ({
        format,
        file: place(`second.${format}`),
      }));
      const outputs = files.flatMap(({ format, file }) => ["--output", `${format}=${file}`]);
      const second = await amlDoctor([
        "check",
        "--world",
        broken,
        "--state",
        state,
        "--on-change",
        "--output",
        "plugin",
        ...outputs,
      ]);
      expect(second, "nothing changed, so nothing is printed").toEqual({ exitCode: 2, stdout: "", stderr: "" });
      expect(files.filter(({ file }) => !existsSync(file))).toEqual([]);
      const changes = changesOf(readFileSync(place("second.json"), "utf8"));
      expect(changes).toMatchObject({ previousVerdict: "unhealthy", problems: [{ state: "open", times: 2 }] });
      expect(changes.problems[0]!.since).toBe(changesOf(first.stdout).verdictSince);
      expect(
        readdirSync(folder).filter((name) => /lock|part/.test(name)),
        "nothing is left behind",
      ).toEqual([]);

      const other = await amlDoctor(["check", "--world", broken, "-e", "another", "--state", state]);
      expect(other, "a state of another target").toMatchObject({ exitCode: 65, stdout: "" });
      expect(other.stderr).toContain("is of another target");
    },
  );

  it("is not green when it is blind", async () => {
    const ended = await amlDoctor([
      "check",
      "--world",
      denied,
      "--state",
      place("blind.json"),
      "--confirm",
      "5",
      "--output",
      "plugin",
    ]);
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toMatch(/^AML-DOCTOR UNKNOWN - /);
  });

  it("sets a torn state aside, says so, and goes on", { timeout: 40_000 }, async () => {
    const state = place("torn.json");
    writeFileSync(state, '{"schema":"aml-doctor/check-state@1","verd');
    const ended = await amlDoctor(["check", "--world", broken, "--state", state, "--output", "json"]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain("it is not whole JSON");
    expect(changesOf(ended.stdout).notes).toEqual([expect.stringContaining("torn.json.unusable")]);
    expect(readFileSync(`${state}.unusable`, "utf8")).toContain('"verd');
    expect(JSON.parse(readFileSync(state, "utf8"))).toMatchObject({ verdict: "unhealthy" });
  });

  it("compares with a baseline, which may be a state", { timeout: 40_000 }, async () => {
    const state = place("base.json");
    await amlDoctor(["check", "--world", broken, "--state", state]);
    const baseline = place("baseline.json");
    copyFileSync(state, baseline);
    const ended = await amlDoctor([
      "check",
      "--world",
      broken,
      "--state",
      state,
      "--baseline",
      baseline,
      "--output",
      "json",
    ]);
    expect(changesOf(ended.stdout).baseline).toMatchObject({ added: [], removed: [] });
  });

  it("keeps its state where systemd says, or in the user's folder", { timeout: 40_000 }, async () => {
    await amlDoctor(["check", "--world", broken], { environment: { STATE_DIRECTORY: place("systemd") } });
    expect(readdirSync(place("systemd"))).toEqual([expect.stringMatching(/^mlprod-score1-blue-[0-9a-f]{8}\.json$/)]);
    await amlDoctor(["check", "--world", broken], { environment: { XDG_STATE_HOME: place("xdg") } });
    expect(readdirSync(path.join(place("xdg"), "aml-doctor"))).toHaveLength(1);
  });

  it.each([
    ["a baseline that is none", ["--baseline", denied], 65, "it is no report"],
    [
      "a report into a folder that is not there",
      ["--output", `json=${place("none/x.json")}`],
      65,
      "there is no such folder",
    ],
    ["a state that is a folder", ["--state", folder], 65, "it is a folder"],
    [
      "two reports on standard output",
      ["--output", "json", "--output", "text"],
      64,
      "Standard output takes one report",
    ],
    ["two reports in one file", ["--output", "json=a", "--output", "text=a"], 64, "cannot share a file"],
    ["a file without a name", ["--output", "json="], 64, "name of the file is missing"],
    ["an unknown format", ["--output", "yaml=x"], 64, "Allowed formats are text, json, jsonl"],
    ["no confirmation", ["--confirm", "0"], 64, "a whole number from 1 to 100"],
  ])("refuses %s before it looks at anything", async (_, given, exitCode, why) => {
    const ended = await amlDoctor(["check", "--world", broken, ...given]);
    expect(ended).toMatchObject({ exitCode, stdout: "" });
    expect(ended.stderr).toContain(why);
  });

  it("can be interrupted while it waits its turn", async () => {
    const ended = await amlDoctor(["check", "--world", broken, "--jitter", "86400", "--state", place("late.json")], {
      whileRunning: (child) => setTimeout(() => child.kill("SIGTERM"), 1500),
    });
    expect(ended).toMatchObject({ exitCode: 130, stdout: "" });
    expect(existsSync(place("late.json"))).toBe(false);
  });
});
