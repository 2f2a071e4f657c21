import { create } from "xmlbuilder2";
import type { Report, ReportFinding } from "../model/report.ts";
import { clean, cleanLines } from "./clean.ts";
import { secondsText } from "./count.ts";
import { targetName } from "./identity.ts";
import { wantedOf } from "./wanted.ts";

/**
 * The report as JUnit XML: a suite for each area of checks, a case for each finding. What fails is a failure; what could
 * not be checked and matters is an error, so that a blind monitor is never green; what could not be checked and does not
 * matter, or does not apply, is skipped. A warning passes and says so in its output.
 */
export function renderJunit(report: Report): string {
  const all = [...report.findings, ...blindness(report)];
  const areas = Map.groupBy(all, (finding) => areaOf(finding.probe));
  const kinds = new Map(all.map((finding) => [finding, kindOf(finding, report)]));
  const total = (findings: readonly ReportFinding[], kind: Kind) =>
    findings.filter((finding) => kinds.get(finding) === kind).length;
  const counts = (findings: readonly ReportFinding[]) => ({
    tests: String(findings.length),
    failures: String(total(findings, "failure")),
    errors: String(total(findings, "error")),
    skipped: String(total(findings, "skipped")),
  });
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites", {
    name: text(`aml-doctor ${targetName(report)}`),
    ...counts(all),
    time: (report.durationMs / 1000).toFixed(3),
  });
  for (const [area, findings] of areas) {
    const suite = root.ele("testsuite", {
      name: text(area),
      ...counts(findings),
      timestamp: report.startedAt.replace(/\.\d+Z$/, ""),
      hostname: text(report.vantage.name),
    });
    const properties = suite.ele("properties");
    for (const [name, value] of Object.entries({
      verdict: report.verdict,
      playbook: report.playbook,
      ...report.target,
    }))
      if (value !== undefined) properties.ele("property", { name, value: text(value) });
    for (const finding of findings) {
      const testCase = suite.ele("testcase", {
        classname: text(finding.probe),
        name: text(`${finding.summary}${finding.subject === "" ? "" : ` (${finding.subject})`}`),
      });
      switch (kinds.get(finding)) {
        case "failure":
          testCase
            .ele("failure", { type: text(finding.id), message: text(finding.summary) })
            .txt(body(finding, report));
          break;
        case "error":
          testCase.ele("error", { type: "unknown", message: text(finding.summary) }).txt(body(finding, report));
          break;
        case "skipped":
          testCase.ele("skipped", { message: text(finding.summary) });
          break;
        case "warning":
          testCase.ele("system-out").txt(body(finding, report));
          break;
        default:
          break;
      }
    }
  }
  if (!report.complete)
    root.com(` The run was cut short after ${secondsText(report.durationMs)}; this is what was known by then. `);
  return `${root.end({ prettyPrint: true })}\n`;
}

/** An inconclusive report in which no finding says so: it must not count as green either. */
function blindness(report: Report): readonly ReportFinding[] {
  if (report.verdict !== "inconclusive" || report.findings.some((finding) => kindOf(finding, report) === "error"))
    return [];
  const summary = "The run could not tell whether the estate is healthy";
  return [{ id: "verdict", probe: "verdict", status: "unknown", subject: "", summary, evidence: [], causedBy: [] }];
}

type Kind = "failure" | "error" | "skipped" | "warning" | "passed";

function kindOf({ status, probe, subject }: ReportFinding, { unknowns }: Report): Kind {
  switch (status) {
    case "fail":
      return "failure";
    case "warn":
      return "warning";
    case "skipped":
      return "skipped";
    case "pass":
      return "passed";
    case "unknown":
      return unknowns.some((unknown) => unknown.probe === probe && unknown.subject === subject && !unknown.matters)
        ? "skipped"
        : "error";
  }
}

function body(finding: ReportFinding, report: Report): string {
  const { id, subject, detail, evidence, causedBy, probe, status, remediation } = finding;
  const root = report.rootCauses.find((cause) => cause.id === id && cause.subject === subject);
  const unknown = report.unknowns.find((open) => open.probe === probe && open.subject === subject);
  const wanted = unknown && wantedOf(unknown);
  const lines = [
    ...(status === "warn" ? [`Warning: ${id}`] : []),
    ...(subject === "" ? [] : [`Subject: ${subject}`]),
    ...(detail === undefined ? [] : [detail]),
    ...(causedBy.length === 0 ? [] : [`Caused by: ${causedBy.join(", ")}`]),
    ...(status === "unknown" && wanted !== undefined ? [`Would need: ${wanted}`] : []),
    ...evidence.map(
      ({ source, observed, expected }) =>
        `${source}: ${observed}${expected === undefined ? "" : ` (expected ${expected})`}`,
    ),
    ...(root?.remediation ?? remediation ?? []).flatMap((step) => [
      `To mend it: ${step.summary}`,
      ...step.commands.flatMap((command) => command.text.split("\n").map((line) => `  ${line}`)),
    ]),
  ];
  return lines.flatMap(cleanLines).map(text).join("\n");
}

function areaOf(probe: string): string {
  return probe.split("/")[0] ?? probe;
}

/** Two characters that XML cannot hold are left over by `clean`; the builder escapes the rest. */
function text(given: string): string {
  return clean(given).replace(/[\ufffe\uffff]/g, "");
}
