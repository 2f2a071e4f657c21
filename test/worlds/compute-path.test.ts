import { describe, it } from "vitest";
import { computePathVariations } from "./compute-path-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing on the computes' way out was changed", () => {
  it.each(computePathVariations)("$story", expectVariation);
});
