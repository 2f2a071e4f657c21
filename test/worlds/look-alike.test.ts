import { describe, it } from "vitest";
import { clusterLookAlikeVariations } from "./cluster-look-alike-variations.ts";
import { dependencyLookAlikeVariations } from "./dependency-look-alike-variations.ts";
import { deploymentLookAlikeVariations } from "./deployment-look-alike-variations.ts";
import { expectVariation } from "./expect-variation.ts";
import { placeLookAlikeVariations } from "./place-look-alike-variations.ts";

describe("an estate that looks as if it had a fault", () => {
  it.each(placeLookAlikeVariations)("$story", expectVariation);
  it.each(dependencyLookAlikeVariations)("$story", expectVariation);
  it.each(deploymentLookAlikeVariations)("$story", expectVariation);
  it.each(clusterLookAlikeVariations)("$story", expectVariation);
});
