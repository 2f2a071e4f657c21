import { describe, expect, it } from "vitest";
import { nearMatches } from "../../src/cli/near-matches.ts";

const known = [
  "dns-zone-missing",
  "dns-zone-not-linked",
  "kv-pe-not-approved",
  "acr-image-missing",
  "scoring-401-token-invalid",
];

describe("near matches", () => {
  it.each([
    ["dns-zone-not-linkd", "dns-zone-not-linked"],
    ["DNS-ZONE-MISSING", "dns-zone-missing"],
    ["zone not linked", "dns-zone-not-linked"],
    ["401", "scoring-401-token-invalid"],
    ["not-approved", "kv-pe-not-approved"],
  ])("of %s begin with %s", (written, nearest) => expect(nearMatches(written, known)[0]).toBe(nearest));

  it.each(["", "xyzzy", "../../package.json", "é", "x".repeat(100_000)])("of %.20s are none", (written) =>
    expect(nearMatches(written, known)).toEqual([]),
  );
});
