import type { RootCause } from "../model/report.ts";
import { effectsOf } from "./effects.ts";
import { candidatesLead } from "./candidates.ts";
import type { Marks, Page } from "./page.ts";
import { writeRemediation } from "./remediation.ts";

/** Writes one root cause: what is wrong with what, the proof, what it explains, and how to mend it. */
export function writeRootCause(
  page: Page,
  marks: Marks,
  root: RootCause,
  { number, explain }: { number: number; explain: boolean },
): void {
  page.prose(0, `${root.title} [${root.id}]`, { lead: `${number}. `, style: "bad" });
  page.prose(3, root.subject, { style: "strong" });
  if (root.detail !== undefined) page.prose(3, root.detail);
  if (root.confidence === "likely") {
    page.prose(
      3,
      `Likely, not proved${root.inferredFrom === undefined ? "" : `: inferred from ${root.inferredFrom}`}.`,
      { style: "doubt" },
    );
  }
  writeCandidates(page, 3, marks, root.candidates);
  if (root.evidence.length > 0) page.prose(3, "Evidence", { style: "strong" });
  writeEvidence(page, 5, marks, root.evidence);
  if (root.explains.length > 0) page.prose(3, "Explains", { style: "strong" });
  for (const [{ summary, id }, subjects] of effectsOf(root))
    page.prose(5, `${summary} [${id}] ${subjects.map((subject) => page.brief(subject)).join(", ")}`, {
      lead: `${marks.item} `,
    });
  if (explain && root.why.length > 0) {
    page.prose(3, "Ruled out", { style: "strong" });
    for (const rival of root.why) page.prose(5, `${rival.id}: ${rival.by}`, { lead: `${marks.item} ` });
  }
  if (root.remediation.length > 0) page.prose(3, "To mend it", { style: "strong" });
  root.remediation.forEach((step, index) => writeRemediation(page, 5, step, `${index + 1}) `));
  for (const url of root.docs) page.link(3, url);
}

/** Writes the causes between which the evidence does not decide, each with the test that would. */
export function writeCandidates(page: Page, indent: number, marks: Marks, candidates: RootCause["candidates"]): void {
  if (candidates === undefined) return;
  page.prose(indent, candidatesLead(candidates.length), { style: "doubt" });
  for (const { id, title, test } of candidates) {
    page.prose(indent + 2, `${title} [${id}]`, { lead: `${marks.item} ` });
    page.prose(indent + 4, page.brief(test), { lead: "To decide: " });
  }
}

/** Writes what was seen, where, and what it should have been. */
export function writeEvidence(page: Page, indent: number, marks: Marks, evidence: RootCause["evidence"]): void {
  for (const { source, observed, expected } of evidence) {
    page.prose(indent, page.brief(source), { lead: `${marks.item} ` });
    page.prose(indent + 4, `${observed}${expected === undefined ? "" : ` (expected ${expected})`}`);
  }
}
