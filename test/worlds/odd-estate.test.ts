import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { oddEstateVariations } from "./odd-estate-variations.ts";

describe("an estate that is set up unlike most, or shows only a part of itself", () => {
  it.each(oddEstateVariations)("$story", expectVariation);
});
