import { describe, it } from "vitest";
import { clientVariations } from "./client-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of this machine was changed", () => {
  it.each(clientVariations)("$story", expectVariation);
});
