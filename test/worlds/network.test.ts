import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { networkVariations } from "./network-variations.ts";

describe("an estate in which one thing of its networks was changed", () => {
  it.each(networkVariations)("$story", expectVariation);
});
