import { describe, expect, it } from "vitest";
import { loadProbes } from "../../src/engine/registry.ts";
import { combine, composes } from "./combinations.ts";
import { expectVariation, type Variation } from "./expect-variation.ts";
import { wanted } from "./in-turn.ts";
import { loadVariations } from "./variations.ts";

const { probes } = await loadProbes(new URL("../../probes/", import.meta.url));
const variations = (await loadVariations()).flatMap((each) => each.variations);
const combinations = combine(variations, probes);

/** The first combinations whose changes can be made. */
function first(all: readonly Variation[], many: number): Variation[] {
  const taken: Variation[] = [];
  for (const one of all) {
    if (taken.length >= many) break;
    if (composes(one)) taken.push(one);
  }
  return taken;
}

/** Of each baseline: combinations that share no fault come first. */
const count = { few: [5, 1], more: [8, 2], all: [Infinity, 20] }[wanted];
const [pairCount = 0, tripleCount = 0] = count;
const pairs = [...combinations.values()].flatMap((each) => first(each.pairs, pairCount));
const triples = [...combinations.values()].flatMap((each) => first(each.triples, tripleCount));

describe("an estate with faults that have nothing to do with each other", () => {
  it("is made of many", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(25);
    expect(triples.length).toBeGreaterThanOrEqual(3);
  });

  it.each(pairs)("two: $story", expectVariation);
  it.each(triples)("three: $story", expectVariation);
});
