import { describe, it } from "vitest";
import { deploymentSettingVariations } from "./deployment-setting-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one setting around a deployment was changed", () => {
  it.each(deploymentSettingVariations)("$story", { timeout: 60_000 }, expectVariation);
});
