import type { Change, Changes, Problem } from "../model/changes.ts";
import type { Report } from "../model/report.ts";
import type { Marks, Page } from "./page.ts";

/** Writes what a check adds: the verdict that counts and since when, what is new, what is gone, what is in doubt. */
export function writeChanges(page: Page, marks: Marks, { changes, verdict }: Report): void {
  if (changes === undefined) return;
  page.blank();
  page.prose(0, "Since the last check", { style: "strong" });
  page.prose(2, comparedText(changes, verdict));
  for (const note of changes.notes) page.prose(2, note, { style: "doubt" });
  for (const change of changes.problems) {
    page.prose(2, `${change.title} [${change.id}] ${page.brief(change.subject)}`, { lead: `${marks.item} ` });
    page.prose(4, `${changeWords(change, changes.confirm)}; first seen ${change.since}`, { style: "faint" });
  }
  if (changes.baseline === undefined) return;
  const { startedAt, added, removed } = changes.baseline;
  page.blank();
  page.prose(0, `Against the baseline of ${startedAt}`, { style: "strong" });
  if (added.length + removed.length === 0) page.prose(2, "Nothing was added, nothing is gone.");
  for (const problem of added) page.prose(2, problemText(page, problem), { lead: "added: ", style: "bad" });
  for (const problem of removed) page.prose(2, problemText(page, problem), { lead: "gone: ", style: "good" });
}

/** The verdict that counts, since when, and what it was before. */
export function comparedText(
  { verdict, verdictSince, previousVerdict, comparedWith, confirm }: Changes,
  seen: Report["verdict"],
): string {
  const before =
    comparedWith === undefined
      ? "This is the first check."
      : previousVerdict === verdict
        ? `The check of ${comparedWith} said the same.`
        : `The check of ${comparedWith} said ${previousVerdict ?? "nothing"}.`;
  const damped =
    verdict === seen ? "" : ` This run alone saw ${seen}; a change counts after ${confirm} checks in a row.`;
  return `Counts as ${verdict} since ${verdictSince}. ${before}${damped}`;
}

/** What became of a problem, in words. */
export function changeWords({ state, times, until }: Change, confirm: number): string {
  switch (state) {
    case "new":
      return "new";
    case "open":
      return "still there";
    case "suspected":
      return `seen ${times} of ${confirm} times in a row, not counted yet`;
    case "fading":
      return `not seen ${times} of ${confirm} times in a row, still counted`;
    case "unseen":
      return "this check could not look at it again";
    case "gone":
      return `gone${until === undefined ? "" : `, last seen ${until}`}`;
  }
}

function problemText(page: Page, { title, id, subject }: Problem): string {
  return `${title} [${id}] ${page.brief(subject)}`;
}
