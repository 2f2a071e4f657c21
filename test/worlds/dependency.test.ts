import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { identityVariations } from "./identity-variations.ts";
import { keyVaultVariations } from "./key-vault-variations.ts";
import { registryVariations } from "./registry-variations.ts";
import { storagePathVariations } from "./storage-path-variations.ts";
import { storageSettingVariations } from "./storage-setting-variations.ts";

describe("an estate in which one thing of a dependency was changed", () => {
  it.each([
    ...keyVaultVariations,
    ...storagePathVariations,
    ...storageSettingVariations,
    ...registryVariations,
    ...identityVariations,
  ])("$story", expectVariation);
});
