import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";

/** The program in this process. */
async function run(given: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const streams = { argv: ["node", "aml-doctor", ...given], env: { AZURE_CONFIG_DIR: "/nonexistent" }, stdout, stderr };
  const exitCode = await runCommandLine(streams, new AbortController().signal);
  return { exitCode, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

describe("playbooks --symptom", () => {
  it("names the playbook for a pasted message, and what of it told", async () => {
    expect(
      await run(["playbooks", "--symptom", "\u001b[31mERROR\u001b[0m: Unable to download user\n container image"]),
    ).toEqual({
      exitCode: 0,
      stdout: `image-download-error
  A deployment fails because its container image cannot be downloaded or built
  the message holds: Unable to download user container image

\`diagnose --symptom\` follows image-download-error.
`,
      stderr: "",
    });
  });

  it("names several where the symptom does not say which, likeliest first and five at most", async () => {
    const { stdout } = await run(["playbooks", "list", "--symptom", "the deployment fails"]);
    expect(stdout.match(/^\S.*$/gm)?.slice(0, -1).length).toBeGreaterThan(2);
    expect(stdout.match(/^\S.*$/gm)?.length).toBeLessThanOrEqual(6);
    expect(stdout).toContain("words in common: deployment");
    expect(stdout).toMatch(/does not say which.*looks at everything.*\n$/);
  });

  it("says where there is none", async () => {
    expect(await run(["playbooks", "--symptom", "xyz"])).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "No playbook is about this symptom; `aml-doctor diagnose` without one looks at everything.\n",
    });
  });
});

describe("diagnose --symptom", () => {
  const planned = async (...given: readonly string[]) => {
    const { stdout, ...ended } = await run([
      "diagnose",
      "--world",
      "src/lab/demo-world.json",
      "--list-egress",
      ...given,
    ]);
    // The lab listens where there is a place.
    return { ...ended, stdout: stdout.replace(/^(localhost +)\d+/gm, "$1port") };
  };

  it("follows the playbook for the message, and says so", async () => {
    const { exitCode, stderr } = await planned("--symptom", '{"code":"ImageBuildFailure"}');
    expect({ exitCode, stderr: stderr.split("\n")[0] }).toEqual({
      exitCode: 0,
      stderr:
        'Following the playbook image-download-error (for "ImageBuildFailure"): A deployment fails because its container image cannot be downloaded or built. Without --symptom, everything is looked at.',
    });
  });

  it("looks at everything where it is not clear, and names the playbooks that may be meant", async () => {
    const { stdout, stderr } = await planned("--symptom", "scoring fails");
    expect(stderr).toMatch(/not clear which playbook .* looking at everything.*--playbook: .*scoring-refused/);
    expect(stdout).toBe((await planned()).stdout);
  });

  it("looks at everything where no playbook fits", async () => {
    const { stdout, stderr } = await planned("--symptom", "xyz");
    expect(stderr).toContain("No playbook is about this symptom; looking at everything.");
    expect(stdout).toBe((await planned()).stdout);
  });
});
