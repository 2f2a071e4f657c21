import { describe, it } from "vitest";
import { callerVariations } from "./caller-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of its caller's place, rights or way was changed", () => {
  it.each(callerVariations)("$story", expectVariation);
});
