import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { readerRightsVariations } from "./reader-rights-variations.ts";

describe("an estate of which the identity, or the service, sees another part", () => {
  it.each(readerRightsVariations)("$story", expectVariation);
});
