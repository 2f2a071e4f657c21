import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedFolder } from "../shared-folder.ts";
import type { Comparison } from "./compare.ts";
import { situations } from "./situations.ts";

const lab = sharedFolder === undefined ? undefined : join(sharedFolder, "netlab");
const programs = ["ip", "nft", "nginx", "named", "dnsmasq", "unbound", "dig", "openssl", "tinyproxy"];

/** Why the real servers cannot be started here; undefined when they can. */
function obstacle(): string | undefined {
  if (lab === undefined || !existsSync(join(lab, "rootless.sh"))) return "../shared/netlab is not here";
  if (spawnSync("unshare", ["--user", "--map-root-user", "--net", "true"]).status !== 0)
    return "this machine gives no namespaces to ordinary users";
  const missing = programs.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

/** Every situation in one start of the servers: the dead ones take their time. */
const wholeMs = 300_000;

/** Runs the comparison on the machine of the network lab. */
function compare(folder: string): Promise<Comparison[]> {
  const program = fileURLToPath(new URL("compare.ts", import.meta.url));
  const inLab = ["ip", "netns", "exec", "rl-jumpbox", process.execPath, program, join(folder, "vnet.sh")];
  const environment = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };
  return new Promise((resolve, reject) => {
    execFile(
      join(folder, "rootless.sh"),
      inLab,
      { timeout: wholeMs, maxBuffer: 10_000_000, env: environment },
      (error, stdout, stderr) => {
        if (error !== null) reject(new Error(`${error.message}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`));
        else
          resolve(
            stdout
              .split("\n")
              .filter((line) => line.startsWith("{"))
              .map((line) => JSON.parse(line) as Comparison),
          );
      },
    );
  });
}

const why = obstacle();
if (why !== undefined) console.warn(`skipped: BIND, unbound and dnsmasq against the lab's DNS servers (${why})`);

describe.skipIf(why !== undefined)("real DNS servers and those of the lab lead to the same verdicts", () => {
  let comparisons: readonly Comparison[] = [];

  beforeAll(async () => {
    comparisons = await compare(lab ?? "");
    const rows = comparisons.map(({ story, server, resolver, lab: ours, real }) =>
      [
        story.padEnd(54),
        `${server} ${resolver}`.padEnd(22),
        real.answers.join(", ").padEnd(36),
        short(ours.roots).padEnd(38),
        short(real.roots),
      ].join(" | "),
    );
    console.log(
      ["situation | server | its answer | verdict with the lab's server | with the real one", ...rows].join("\n"),
    );
  }, wholeMs);

  it.each(situations.map((situation, index) => ({ ...situation, index })))(
    "$story ($server $resolver)",
    ({ index }) => {
      const comparison = comparisons[index];
      expect(comparison).toBeDefined();
      const verdict = ({ answers: _, ...rest }: Comparison["lab"]) => rest;
      if (comparison !== undefined) expect(verdict(comparison.real)).toEqual(verdict(comparison.lab));
    },
  );

  it("sees through each situation: only the healthy ones have no root cause", () => {
    const healthy = comparisons.filter(({ real }) => real.roots.length === 0).map(({ story }) => story);
    expect([...new Set(healthy)]).toEqual([
      "healthy, Azure DNS asked directly",
      "healthy, right forwarders",
      // BIND and unbound follow the chain themselves, so that the alias alone is enough for them.
      "forwards only privatelink",
      "UDP is dropped, TCP answers",
    ]);
  });
});

function short(roots: readonly string[]): string {
  return [...new Set(roots.map((root) => root.split(" on ")[0]))].join(", ") || "healthy";
}
