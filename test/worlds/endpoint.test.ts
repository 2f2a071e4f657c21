import { describe, it } from "vitest";
import { deploymentVariations } from "./deployment-variations.ts";
import { endpointVariations } from "./endpoint-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of a deployment or its endpoint was changed", () => {
  it.each(deploymentVariations)("$story", expectVariation);
  it.each(endpointVariations)("$story", expectVariation);
});
