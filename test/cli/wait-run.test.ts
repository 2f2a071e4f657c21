import { describe, expect, it } from "vitest";
import { amlDoctor } from "./spawned.ts";

const demo = ["diagnose", "--world", "src/lab/demo-world.json", "--output", "json"];

describe("diagnose --wait", () => {
  it("looks again while an approval is pending, and prints the last report alone", async () => {
    const { exitCode, stdout, stderr } = await amlDoctor([...demo, "--wait", "7"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ rootCauses: [{ id: "acr-egress-pe-pending", healing: "by-itself" }] });
    expect(stderr.match(/Waiting: acr-egress-pe-pending\. Next look in \d+ s\./g)).toHaveLength(1);
    expect(stderr).toContain("No more waiting: the 7 s of --wait are over");
  });

  it("ends with the report of the last look when interrupted in a pause", async () => {
    const { exitCode, stdout } = await amlDoctor([...demo, "--wait"], {
      whileRunning: (child) =>
        void child.stderr?.on("data", (chunk: Buffer) => {
          if (chunk.toString().includes("Next look in")) child.kill("SIGINT");
        }),
    });
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "unhealthy", complete: true });
  });

  it.each([
    [["--wait", "0"], "more than 0"],
    [["--wait", "--dry-run"], "cannot be used with option"],
  ])("refuses %j", async (given, told) => {
    const { exitCode, stderr } = await amlDoctor([...demo, ...given]);
    expect({ exitCode, told: stderr.includes(told) ? told : stderr }).toEqual({ exitCode: 64, told });
  });
});
