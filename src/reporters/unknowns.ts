import type { Unknown } from "../model/report.ts";
import type { Marks, Page } from "./page.ts";
import { writeCandidates } from "./root-cause.ts";
import { wantedOf } from "./wanted.ts";

/** Writes what could not be checked, with what would let it be checked. One hindrance is told once, however many checks
 * it hinders. */
export function writeUnknowns(page: Page, marks: Marks, unknowns: readonly Unknown[]): void {
  if (unknowns.length === 0) return;
  const groups = new Map<string, Unknown[]>();
  for (const unknown of unknowns) {
    const key = JSON.stringify([unknown.matters, unknown.permission, unknown.reason, unknown.candidates]);
    groups.set(key, [...(groups.get(key) ?? []), unknown]);
  }
  // What the verdict hangs on comes first; the sort is stable, so the rest keeps its order.
  const ordered = [...groups.values()].sort(([a], [b]) => Number(b?.matters ?? false) - Number(a?.matters ?? false));
  page.blank();
  page.prose(0, "Could not be checked", { style: "strong" });
  for (const group of ordered) {
    const [first] = group;
    if (first === undefined) continue;
    page.prose(2, `${page.brief(first.reason)}${first.matters ? "" : " (the verdict holds without it)"}`, {
      lead: `${marks.unknown} `,
      style: "doubt",
    });
    const wanted = wantedOf(first, (id) => page.brief(id));
    if (wanted !== undefined) page.prose(4, wanted, { lead: "Would need: " });
    for (const consequence of new Set(group.map((unknown) => unknown.consequence))) {
      page.prose(4, consequence, { lead: `${marks.item} ` });
    }
    writeCandidates(page, 4, marks, first.candidates);
    page.prose(
      4,
      [
        ...new Set(group.map(({ probe, subject }) => (subject === "" ? probe : `${probe} (${page.brief(subject)})`))),
      ].join(", "),
      { style: "faint" },
    );
  }
}
