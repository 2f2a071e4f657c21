import { describe, it } from "vitest";
import { dnsVariations } from "./dns-variations.ts";
import { expectVariation } from "./expect-variation.ts";

describe("an estate in which one thing of DNS was changed", () => {
  it.each(dnsVariations)("$story", expectVariation);
});
