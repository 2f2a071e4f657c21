import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { World } from "../../src/lab/world.ts";
import { amlDoctor } from "../cli/spawned.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { diagnoseWorld } from "./diagnose.ts";
import { baseline } from "./edit.ts";

const key = "made-up-endpoint-key-0001";
const body = '{"data": [[1, 2]]}';
const host = "score1.eastus2.inference.ml.azure.com";

/** A healthy estate, but for the answer to whoever scores. */
function answering(status: number, text: string): World {
  const world = baseline("customer-network");
  for (const endpoint of world.network.endpoints) {
    for (const rule of endpoint.http ?? []) {
      if (rule.path === "/score" && rule.method === "POST") Object.assign(rule, { status, body: text });
    }
  }
  return world;
}
const broken = (): World => answering(502, "upstream connect error or disconnect/reset before headers");

/** Every request that the endpoints of the world met. */
async function requestsOf(world: World, options: { score?: string; scoreAuthorization?: string }) {
  const requests: { method: string; host: string; headers: Readonly<Record<string, string>> }[] = [];
  const report = await diagnoseWorld(world, {
    ...options,
    look: (lab) => requests.push(...lab.connections().flatMap((connection) => connection.requests)),
  });
  return { requests, report, roots: report.rootCauses.map(({ id }) => id) };
}

describe("--score", () => {
  // The first run loads everything: its short waits would pass meanwhile.
  beforeAll(() => diagnoseWorld(baseline("customer-network")), 30_000);

  it("finds the fault that only a scoring request meets", async () => {
    expect((await requestsOf(broken(), { score: body, scoreAuthorization: `Bearer ${key}` })).roots).toEqual([
      "scoring-500-502-503-504",
    ]);
  });

  it("finds nothing where scoring works", async () => {
    expect(
      (await requestsOf(baseline("customer-network"), { score: body, scoreAuthorization: `Bearer ${key}` })).roots,
    ).toEqual([]);
  });

  it("shows the key to the scoring host only, and in no report", async () => {
    const { requests, report } = await requestsOf(broken(), { score: body, scoreAuthorization: `Bearer ${key}` });
    const carrying = requests.filter((request) => JSON.stringify(request.headers).includes(key));
    expect(carrying.length).toBeGreaterThan(0);
    expect(new Set(carrying.map((request) => `${request.method} ${request.host}`))).toEqual(new Set([`POST ${host}`]));
    expect(JSON.stringify(report)).not.toContain(key);
  });

  it("sends no scoring request unless it was asked for", async () => {
    const { requests } = await requestsOf(broken(), { scoreAuthorization: `Bearer ${key}` });
    expect(requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });
});

describe("AML_DOCTOR_SCORING_KEY", () => {
  const folder = temporaryFolder("score");
  const place = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const request = place("request.json", body);

  it("is used for scoring, and told nowhere", async () => {
    const world = place("broken.json", JSON.stringify(broken()));
    const ended = await amlDoctor(
      ["diagnose", "--world", world, "--score", request, "--output", "json", "--log-level", "trace"],
      { environment: { AML_DOCTOR_SCORING_KEY: key } },
    );
    expect(ended.exitCode).toBe(2);
    expect(ended.stdout).toContain("scoring-500-502-503-504");
    expect(ended.stderr).toContain("net/scoring-answers");
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(key);
  });

  it("wants one endpoint", async () => {
    const world = broken();
    const file = place(
      "all.json",
      JSON.stringify({ ...world, target: { ...world.target, endpoint: undefined, deployment: undefined } }),
    );
    const ended = await amlDoctor(["diagnose", "--world", file, "--score", request], {
      environment: { AML_DOCTOR_SCORING_KEY: key },
    });
    expect(ended).toMatchObject({ exitCode: 64, stdout: "" });
    expect(ended.stderr).toContain("Say which with --endpoint");
    expect(ended.stderr).not.toContain(key);
  });
});
