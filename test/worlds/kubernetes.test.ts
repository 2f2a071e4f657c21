import { describe, it } from "vitest";
import { clusterVariations } from "./cluster-variations.ts";
import { expectVariation } from "./expect-variation.ts";
import { inClusterVariations } from "./in-cluster-variations.ts";
import { kubernetesVariations } from "./kubernetes-variations.ts";

describe("an estate in which one thing of a cluster was changed", () => {
  it.each(clusterVariations)("$story", expectVariation);
  it.each(kubernetesVariations)("$story", expectVariation);
  it.each(inClusterVariations)("$story", expectVariation);
});
