import type { Report } from "../model/report.ts";
import { escapeJson } from "./clean.ts";

/**
 * The report as JSON Lines: one object in a line, each whole by itself, for log collectors. The first line is the run;
 * `type` tells the others apart: `root-cause`, `finding`, `unknown`, `change`. Every line carries when the run started,
 * what was diagnosed and the verdict.
 */
export function renderJsonLines(report: Report): string {
  const { rootCauses, findings, unknowns, changes, startedAt, target, verdict, ...run } = report;
  const shared = { startedAt, target, verdict };
  const lines: object[] = [
    {
      type: "run",
      ...shared,
      ...run,
      ...(changes === undefined ? {} : { changes: { ...changes, problems: undefined } }),
    },
    ...rootCauses.map((root) => ({ type: "root-cause", ...shared, ...root })),
    ...findings.map((finding) => ({ type: "finding", ...shared, ...finding })),
    ...unknowns.map((unknown) => ({ type: "unknown", ...shared, ...unknown })),
    ...(changes?.problems ?? []).map((change) => ({ type: "change", ...shared, ...change })),
  ];
  return lines.map((line) => `${escapeJson(JSON.stringify(line))}\n`).join("");
}
