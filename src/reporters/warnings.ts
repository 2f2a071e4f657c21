import type { ReportFinding } from "../model/report.ts";
import type { Marks, Page } from "./page.ts";
import { writeRemediation } from "./remediation.ts";
import { writeEvidence } from "./root-cause.ts";

/** Writes the warnings: true findings that break nothing by themselves. */
export function writeWarnings(page: Page, marks: Marks, findings: readonly ReportFinding[]): void {
  const warnings = findings.filter((finding) => finding.status === "warn");
  if (warnings.length === 0) return;
  page.blank();
  page.prose(0, "Warnings", { style: "strong" });
  for (const warning of warnings) {
    page.prose(2, `${warning.summary} [${warning.id}]`, { lead: `${marks.warn} `, style: "doubt" });
    page.prose(4, warning.subject);
    if (warning.detail !== undefined) page.prose(4, warning.detail);
    writeEvidence(page, 4, marks, warning.evidence);
    for (const step of warning.remediation ?? []) writeRemediation(page, 4, step, `${marks.item} `);
  }
}
