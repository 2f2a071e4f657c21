import { describe, expect, it } from "vitest";
import { amlDoctor } from "./spawned.ts";

describe("aml-doctor explain", () => {
  it("prints a failure's page, within 80 columns but for what is copied", async () => {
    const { exitCode, stdout, stderr } = await amlDoctor(["explain", "dns-zone-not-linked"]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^dns-zone-not-linked\n/);
    for (const heading of ["What you see", "What proves it", "Look-alikes", "How to mend it", "Sources"])
      expect(stdout).toContain(`\n${heading}\n`);
    const long = stdout
      .split("\n")
      .filter((line) => line.length > 80 && !/^\s+(az|dig|https:|Microsoft\.)/.test(line.replace("•", "")));
    expect(long).toEqual([]);
  });

  it("names what may have been meant, and ends with 64", async () => {
    const { exitCode, stdout, stderr } = await amlDoctor(["explain", "dns-zone-not-linkd"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: "" });
    expect(stderr).toMatch(/there is no failure "dns-zone-not-linkd"\nDid you mean: dns-zone-not-linked,/);
  });

  it("reads no other file", async () => {
    const { exitCode, stdout } = await amlDoctor(["explain", "../../README"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: "" });
  });
});
