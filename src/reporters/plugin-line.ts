import { verdictOf } from "../model/changes.ts";
import type { Report } from "../model/report.ts";
import { clean } from "./clean.ts";
import { counted } from "./count.ts";
import { targetName } from "./identity.ts";

/** Characters of the text, so that no monitoring system cuts it. */
const longest = 700;
const mostClues = 5;

/**
 * One line as monitoring plugins print it: state, what it is about, and after `|` performance data. The state is the one
 * that the exit code tells (OK 0, WARNING 1, CRITICAL 2, UNKNOWN 3). Source: Monitoring Plugins Development Guidelines.
 */
export function renderPluginLine(report: Report, { failOnWarning }: { readonly failOnWarning: boolean }): string {
  const warnings = report.findings.filter((finding) => finding.status === "warn").length;
  const open = report.unknowns.filter((unknown) => unknown.matters).length;
  const say = `${stateOf(report, failOnWarning && warnings > 0)} - ${targetName(report)}: ${because(report, warnings, open)}`;
  const data = [
    // The bar after the value: warning level, critical level, least value.
    `root_causes=${report.rootCauses.length};;0;0`,
    `warnings=${warnings};${failOnWarning ? "0" : ""};;0`,
    `unknowns=${open};;;0`,
    `time=${(report.durationMs / 1000).toFixed(3)}s;;;0`,
  ];
  // The bar ends the text, and a text that held one would forge data.
  return `AML-DOCTOR ${Array.from(clean(say).replaceAll("|", "/")).slice(0, longest).join("")} | ${data.join(" ")}\n`;
}

function stateOf(report: Report, warning: boolean): string {
  switch (verdictOf(report)) {
    case "unhealthy":
      return "CRITICAL";
    case "inconclusive":
      return "UNKNOWN";
    case "healthy":
      return warning ? "WARNING" : "OK";
  }
}

/** Where nothing is known to be broken and something is hidden, the warnings are the best clue to what hides it. */
function clues({ verdict, findings }: Report): string {
  const ids = [...new Set(findings.flatMap(({ status, id }) => (status === "warn" ? [id] : [])))];
  return verdict !== "inconclusive" || ids.length === 0 ? "" : ` (${ids.slice(0, mostClues).join(", ")})`;
}

function because(report: Report, warnings: number, open: number): string {
  const { rootCauses, changes } = report;
  const waiting = changes?.problems.filter(({ state }) => state === "suspected" || state === "fading").length ?? 0;
  const parts = [
    ...(rootCauses.length === 0 ? [] : [counted(rootCauses.length, "root cause")]),
    ...rootCauses.map(({ title, id, subject }) => `${title} [${id}] ${subject.split("/").at(-1) ?? ""}`),
    ...(open === 0 ? [] : [`${counted(open, "thing")} that ${open === 1 ? "matters" : "matter"} could not be checked`]),
    ...(warnings === 0 ? [] : [`${counted(warnings, "warning")}${clues(report)}`]),
    ...(waiting === 0 ? [] : [`${counted(waiting, "change")} to be confirmed`]),
    ...(report.complete ? [] : ["the run was cut short"]),
  ];
  const since = changes === undefined ? "" : ` (since ${changes.verdictSince})`;
  return `${parts.length === 0 ? "everything that matters was checked and works" : parts.join(", ")}${since}`;
}
