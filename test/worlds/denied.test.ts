import { beforeAll, describe, expect, it } from "vitest";
import type { World } from "../../src/lab/world.ts";
import type { Report } from "../../src/model/report.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";
import { inTurn, spread } from "./in-turn.ts";
import { loadVariations } from "./variations.ts";

/** What somebody may read who has too few roles: the types of resources that are closed to them. */
const closed: Readonly<Record<string, RegExp>> = {
  "nothing of the networks": /^Microsoft\.Network\//i,
  "the workspace alone": /^(?!Microsoft\.MachineLearningServices\/)/i,
  "no dependency and no role": /^Microsoft\.(?:KeyVault|Storage|ContainerRegistry|Authorization)\//i,
};

/** Time enough for a machine that does much else: what is not seen here must not be seen for want of a right alone. */
const waits = { armMs: 10_000, dnsMs: 800, connectMs: 1000, kubernetesMs: 5000 };

function look({ baseline: name, change, score, inCluster, dns }: Variation, shut?: RegExp): Promise<Report> {
  const world = baseline(name);
  change(world);
  if (shut !== undefined) deny(world, shut);
  return diagnoseWorld(world, {
    waits,
    deadlineMs: 30_000,
    ...(score === undefined ? {} : { score: score.body }),
    ...(score?.authorization === undefined ? {} : { scoreAuthorization: score.authorization }),
    ...(inCluster === undefined ? {} : { inCluster }),
    ...(dns === undefined ? {} : { dns }),
  });
}

function deny(world: World, shut: RegExp): void {
  for (const type of new Set(world.arm.resources.map((resource) => resource.type)))
    if (shut.test(type)) world.arm.denied.push({ action: `${type}/read`, scope: "/" });
}

describe("a broken estate of which too little may be read yields no confirmed cause that is not there", () => {
  beforeAll(() => diagnoseWorld(baseline("managed-network")));

  it.each(Object.keys(closed).map((story, index) => [story, index] as const))(
    "%s",
    async (story, index) => {
      const variations = (await loadVariations()).flatMap((file) => file.variations);
      const wrong: string[] = [];
      await inTurn(spread(variations, 24, index * 2), async (variation) => {
        const [full, partial] = [await look(variation), await look(variation, closed[story])];
        const there = new Set(full.findings.filter(({ status }) => status === "fail").map(({ id }) => id));
        // A symptom that names what may be behind it claims no cause.
        const untrue = partial.rootCauses.filter(
          ({ id, confidence, candidates = [] }) =>
            confidence === "confirmed" && ![id, ...candidates.map((one) => one.id)].some((each) => there.has(each)),
        );
        if (untrue.length > 0)
          wrong.push(
            `${variation.story}: ${untrue.map(({ id }) => id).join(", ")}; ${summary(full)}; ${summary(partial)}`,
          );
      });
      expect(wrong).toEqual([]);
    },
    900_000,
  );
});
