import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { ProcessStreams } from "../../src/cli/terminal.ts";
import { PassThrough } from "node:stream";
import { temporaryFolder } from "../temporary-folder.ts";
import { amlDoctor } from "./spawned.ts";

const folder = temporaryFolder("test");
const file = (name: string, text: string) => {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  return place;
};
const target = ["diagnose", "-g", "rg", "-w", "ml", "--subscription", "00000000-0000-4000-8000-000000000001"];

/** The same program in this process: a spawn for each row would cost half a second. */
async function run(given: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const streams: ProcessStreams = {
    argv: ["node", "aml-doctor", ...given],
    env: { AZURE_CONFIG_DIR: folder },
    stdout,
    stderr,
  };
  const exitCode = await runCommandLine(streams, new AbortController().signal);
  return { exitCode, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

describe("the command line", () => {
  it.each([
    ["an unknown option", ["diagnose", "--nope"], 64, "unknown option '--nope'"],
    ["an unknown command", ["cure"], 64, "unknown command 'cure'"],
    ["no command", [], 64, "Usage: aml-doctor"],
    ["an option without its argument", ["diagnose", "-g"], 64, "argument missing"],
    ["a deadline that is no number", [...target, "--deadline", "soon"], 64, "number of seconds"],
    ["a deadline of no time", [...target, "--deadline", "0"], 64, "more than 0"],
    ["an unknown format", [...target, "--output", "yaml"], 64, "cannot be used. Allowed formats are text, json"],
    ["an unknown cloud", [...target, "--cloud", "Cumulus"], 64, "Allowed choices are AzureCloud"],
    ["no subscription", ["diagnose", "-g", "rg", "-w", "ml"], 64, "no subscription is given"],
    [
      "no resource group",
      ["diagnose", "-w", "ml", "--subscription", "00000000-0000-4000-8000-000000000001"],
      64,
      "no resource group is given",
    ],
    [
      "no workspace",
      ["diagnose", "-g", "rg", "--subscription", "00000000-0000-4000-8000-000000000001"],
      64,
      "no workspace is given",
    ],
    [
      "a subscription name that az does not know",
      ["diagnose", "-g", "rg", "-w", "ml", "--subscription", "prod"],
      64,
      '"prod" is no subscription id',
    ],
    [
      "a workspace that would leave its place in a URL",
      ["diagnose", "-g", "rg", "-w", "../x", "--subscription", "00000000-0000-4000-8000-000000000001"],
      64,
      "cannot be the name",
    ],
    ["a deployment without its endpoint", [...target, "-d", "blue"], 64, "no endpoint is given"],
    ["a world that is not there", ["diagnose", "--world", path.join(folder, "none.json")], 65, "there is no such file"],
    ["a world that is a folder", ["diagnose", "--world", folder], 65, "it is a folder"],
    ["a world that is no JSON", ["diagnose", "--world", file("text.json", "{")], 65, "is not JSON"],
    [
      "a world of another format",
      ["diagnose", "--world", file("other.json", '{"format":"aml-doctor/world@2"}')],
      65,
      "aml-doctor/world@1",
    ],
    [
      "a score file that is not there",
      [...target, "--score", path.join(folder, "none.json")],
      65,
      "there is no such file",
    ],
    ["a score file that is no JSON", [...target, "--score", file("score.json", "hello")], 65, "it is not JSON"],
    ["an authority that is not there", [...target, "--ca", path.join(folder, "none.pem")], 65, "there is no such file"],
    [
      "an authority without a certificate",
      [...target, "--ca", file("empty.pem", "hello")],
      65,
      "no certificate in PEM form",
    ],
    [
      "an authority with a broken certificate",
      [...target, "--ca", file("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")],
      65,
      "certificate 1 cannot be read",
    ],
    ["a playbook that is not there", [...target, "--playbook", "nope"], 64, 'there is no playbook "nope"'],
    [
      "a folder of playbooks that is not there",
      [...target, "--playbooks", path.join(folder, "none")],
      65,
      "there is no such file",
    ],
    ["a lab without a world", ["lab", "serve"], 64, "required option"],
  ] as const)("refuses %s", async (_, given, exitCode, told) => {
    const ended = await run(given);
    expect({ exitCode: ended.exitCode, stdout: ended.stdout }).toEqual({ exitCode, stdout: "" });
    expect(ended.stderr).toContain(told);
    expect(ended.stderr, "no stack").not.toMatch(/^\s+at .+:\d+:\d+/m);
  });

  it("lists its checks and playbooks", async () => {
    const probes = await run(["probes"]);
    expect(probes.exitCode).toBe(0);
    const playbooks = await run(["playbooks", "list"]);
    expect(playbooks.stdout).toContain("everything");
    expect((await run(["playbooks", "show", "everything"])).stdout).toContain("1. *");
  });

  it("never sends a terminal what it was given", async () => {
    const { stderr } = await run(["diagnose", "-g", "rg", "-w", "ml", "--subscription", "\u001b[2Jevil"]);
    expect(stderr).not.toContain("\u001b");
  });
});

describe("the program", () => {
  it.each([{ byMain: false }, { byMain: true }])("tells its version and help ($byMain)", async ({ byMain }) => {
    expect(await amlDoctor(["--version"], { byMain })).toEqual({
      exitCode: 0,
      stdout: `${manifest.version}\n`,
      stderr: "",
    });
    const help = await amlDoctor(["--help"], { byMain });
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout).toContain("Usage: aml-doctor");
  });
});
