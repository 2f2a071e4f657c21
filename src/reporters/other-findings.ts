import type { Report, ReportFinding } from "../model/report.ts";
import type { Marks, Page } from "./page.ts";

/** Writes failures that no root cause tells of. There should be none; a failure that nobody shows would be worse. */
export function writeUnexplained(page: Page, marks: Marks, { findings, rootCauses }: Report): void {
  const told = new Set(rootCauses.flatMap((root) => [root, ...root.explains].map(keyOf)));
  const rest = findings.filter((finding) => finding.status === "fail" && !told.has(keyOf(finding)));
  if (rest.length === 0) return;
  page.blank();
  page.prose(0, "Also failing", { style: "strong" });
  for (const finding of rest) writeFinding(page, marks.fail, finding);
}

/** Writes what passed and what did not apply. */
export function writeOthers(page: Page, marks: Marks, findings: readonly ReportFinding[]): void {
  for (const [status, heading] of [
    ["pass", "Passed"],
    ["skipped", "Did not apply"],
  ] as const) {
    const some = findings.filter((finding) => finding.status === status);
    if (some.length === 0) continue;
    page.blank();
    page.prose(0, heading, { style: "strong" });
    for (const finding of some) writeFinding(page, marks[status], finding);
  }
}

function writeFinding(page: Page, mark: string, finding: ReportFinding): void {
  page.prose(
    2,
    `${finding.summary} [${finding.id}]${finding.subject === "" ? "" : ` ${page.brief(finding.subject)}`}`,
    { lead: `${mark} ` },
  );
}

function keyOf({ id, subject }: { id: string; subject: string }): string {
  return `${id} ${subject.toLowerCase()}`;
}
