import { describe, it } from "vitest";
import { estateVariations } from "./estate-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing around the workspace was changed", () => {
  it.each(estateVariations)("$story", expectVariation);
});
