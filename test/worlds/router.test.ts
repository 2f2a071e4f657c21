import { describe, it } from "vitest";
import { clusterNetworkVariations } from "./cluster-network-variations.ts";
import { expectVariation } from "./expect-variation.ts";
import { routerVariations } from "./router-variations.ts";

describe("an estate in which one thing on the way to a Kubernetes endpoint was changed", () => {
  it.each(clusterNetworkVariations)("$story", expectVariation);
  it.each(routerVariations)("$story", expectVariation);
});
