import { describe, it } from "vitest";
import { networkRuleVariations } from "./network-rule-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of its network rules was changed", () => {
  it.each(networkRuleVariations)("$story", expectVariation);
});
