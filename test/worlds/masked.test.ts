import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { maskedVariations } from "./masked-variations.ts";

describe("an estate in which one fault hides another, or is easily taken for it", () => {
  it.each(maskedVariations)("$story", expectVariation);
});
