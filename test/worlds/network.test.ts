import { describe, expect, it } from "vitest";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline } from "./edit.ts";
import { networkVariations } from "./network-variations.ts";

describe("an estate in which one thing was changed", () => {
  it.each(networkVariations)("$story", async ({ baseline: name, change, roots, effects = [], verdict, fix = [] }) => {
    const world = baseline(name);
    change(world);
    const report = await diagnoseWorld(world);
    const found = report.rootCauses.map(({ id }) => id);
    const said = summary(report);
    expect(report.verdict, said).toBe(verdict ?? (roots.length === 0 ? "healthy" : "unhealthy"));
    for (const wanted of roots)
      expect(
        found.some((id) => (typeof wanted === "string" ? id === wanted : wanted.includes(id))),
        said,
      ).toBe(true);
    const allowed = roots.flat();
    expect(
      found.filter((id) => !allowed.includes(id)),
      said,
    ).toEqual([]);
    for (const effect of effects) {
      const folded = report.rootCauses.some(({ explains }) => explains.some(({ id }) => id === effect));
      expect(folded, `${effect} is not folded under a cause: ${said}`).toBe(true);
    }
    const remedies = JSON.stringify(report.rootCauses.map(({ remediation }) => remediation));
    for (const pattern of fix) expect(remedies).toMatch(pattern);
  });
});
