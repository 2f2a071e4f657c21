import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { managedNetworkVariations } from "./managed-network-variations.ts";

describe("an estate in which one thing of the managed network was changed", () => {
  it.each(managedNetworkVariations)("$story", expectVariation);
});
