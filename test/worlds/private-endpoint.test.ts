import { describe, it } from "vitest";
import { privateEndpointVariations } from "./private-endpoint-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of the private endpoints was changed", () => {
  it.each(privateEndpointVariations)("$story", expectVariation);
});
