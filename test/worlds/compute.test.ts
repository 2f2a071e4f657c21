import { describe, it } from "vitest";
import { computeVariations } from "./compute-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of its computes was changed", () => {
  it.each(computeVariations)("$story", expectVariation);
});
