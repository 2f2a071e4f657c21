import { describe, expect, it } from "vitest";
import { podCommandPatterns } from "../../src/model/pod-commands.ts";
import { diagnoseWorld } from "./diagnose.ts";
import { baseline } from "./edit.ts";
import { cluster, objects } from "./edit-cluster.ts";

/** Longer than on an idle machine: a command that was cut off would be a gap. */
const waits = { armMs: 10_000, dnsMs: 500, connectMs: 700, kubernetesMs: 5000 };

async function diagnose(inCluster: boolean, change: (world: ReturnType<typeof baseline>) => void = () => undefined) {
  const world = baseline("kubernetes");
  change(world);
  let commands: readonly string[] = [];
  const report = await diagnoseWorld(world, { inCluster, waits, look: (lab) => (commands = [...lab.podCommands()]) });
  return { report, commands };
}

describe("commands in pods", () => {
  it("are not run unless they are asked for", { timeout: 30_000 }, async () => {
    expect((await diagnose(false)).commands).toEqual([]);
  });

  it("are those that --dry-run names, each once, and none needs a shell", { timeout: 30_000 }, async () => {
    const { report, commands } = await diagnose(true);
    const programs = podCommandPatterns.map(({ command }) => command.split(" ")[0]);
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((command) => !programs.includes(command.split(" ")[0]))).toEqual([]);
    expect(commands.filter((command) => /[;&|`$<>]/.test(command.replace(/%\{\w+\}/g, "")))).toEqual([]);
    expect(commands.filter((command) => /--(?:data|request|upload|form|output)|\s-[doXTF]\b/.test(command))).toEqual(
      [],
    );
    expect(new Set(commands).size).toBe(commands.length);
    const found = report.findings.find(({ probe }) => probe === "kubernetes/router-answers");
    expect(found).toMatchObject({ status: "pass" });
    expect(found?.summary).toContain("HTTP 404, Swagger not found over https; HTTP 404, Swagger not found over http");
  });

  it(
    "name the router's container, which a server wants to hear where a pod has several",
    { timeout: 30_000 },
    async () => {
      const { report, commands } = await diagnose(true, (world) => {
        for (const { spec } of objects(world, "Pod", "azureml-fe"))
          spec["containers"] = [{ name: "proxy" }, { name: "azureml-fe-v2" }];
      });
      expect(commands.length).toBeGreaterThan(8);
      expect(report.findings.find(({ probe }) => probe === "kubernetes/router-answers")).toMatchObject({
        status: "pass",
      });
    },
  );

  it("that are refused are told with the access that they want, and end there", { timeout: 30_000 }, async () => {
    const { report, commands } = await diagnose(true, (world) =>
      cluster(world).denied.push({ verb: "create", resource: "pods/exec" }),
    );
    expect(commands).toEqual([]);
    expect(report.verdict).toBe("healthy");
    expect(report.unknowns.map(({ permission }) => permission)).toContain("create pods/exec in azureml");
  });
});
