import type { Problem } from "../model/changes.ts";
import type { Report } from "../model/report.ts";
import { changeWords, comparedText } from "./changes.ts";
import { code, inline, table } from "./markdown-text.ts";

/** The section of a ticket that says what changed; nothing for a report that is no check's. */
export function writeMarkdownChanges({ changes, verdict }: Report): string[] {
  if (changes === undefined) return [];
  const { problems, baseline, notes } = changes;
  return [
    "",
    "## What changed",
    "",
    comparedText(changes, verdict),
    ...notes.map((note) => `\n${inline(note)}`),
    ...(problems.length === 0
      ? []
      : [
          "",
          ...table(
            ["Problem", "Subject", "State", "First seen"],
            problems.map((change) => [
              `${inline(change.title)} (${code(change.id)})`,
              code(change.subject),
              changeWords(change, changes.confirm),
              change.since,
            ]),
          ),
        ]),
    ...(baseline === undefined
      ? []
      : [
          "",
          `Against the baseline of ${baseline.startedAt}:`,
          "",
          ...listed("added", baseline.added),
          ...listed("removed", baseline.removed),
        ]),
  ];
}

function listed(word: string, problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [`- nothing ${word}`];
  return problems.map(({ title, id, subject }) => `- ${word}: ${inline(title)} (${code(id)}) ${code(subject)}`);
}
