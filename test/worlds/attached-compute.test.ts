import { describe, it } from "vitest";
import { attachedComputeVariations } from "./attached-compute-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one attached compute was changed", () => {
  it.each(attachedComputeVariations)("$story", expectVariation);
});
