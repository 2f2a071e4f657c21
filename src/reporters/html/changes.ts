import type { Change } from "../../model/changes.ts";
import type { Report } from "../../model/report.ts";
import { changeWords, comparedText } from "../changes.ts";
import { markup, type Markup } from "./markup.ts";
import { findingLine, section } from "./pieces.ts";

/** What a scheduled check adds: the verdict that counts and since when, what is new, what is gone. */
export function changed({ changes, verdict }: Report): Markup | undefined {
  if (changes === undefined) return undefined;
  const { notes, problems, confirm, baseline } = changes;
  return section(
    "changes",
    "Since the last check",
    markup`${notes.map((note) => markup`<p class="note">${note}</p>`)}
${problems.length === 0 ? undefined : markup`<ul>${problems.map((change) => changeLine(change, confirm))}</ul>`}
${
  baseline === undefined
    ? undefined
    : markup`<h3>Against the baseline of ${baseline.startedAt}</h3>
${baseline.added.length + baseline.removed.length === 0 ? markup`<p>Nothing was added, nothing is gone.</p>` : undefined}
${baseline.added.length === 0 ? undefined : markup`<p>Added:</p><ul>${baseline.added.map((problem) => findingLine({ ...problem, summary: problem.title }))}</ul>`}
${baseline.removed.length === 0 ? undefined : markup`<p>Gone:</p><ul>${baseline.removed.map((problem) => findingLine({ ...problem, summary: problem.title }))}</ul>`}`
}`,
    comparedText(changes, verdict),
  );
}

function changeLine(change: Change, confirm: number): Markup {
  return markup`<li><strong>${changeWords(change, confirm)}:</strong> ${change.title} <span class="id">${change.id}</span> <span class="faint">first seen ${change.since}</span><br><code class="faint">${change.subject}</code></li>
`;
}
