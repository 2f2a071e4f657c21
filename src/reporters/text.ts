import type { Report } from "../model/report.ts";
import { writeChanges } from "./changes.ts";
import { counted, secondsText } from "./count.ts";
import { headline } from "./headline.ts";
import { createPage, marksOf, type View } from "./page.ts";
import { writeOthers, writeUnexplained } from "./other-findings.ts";
import { writeRootCause } from "./root-cause.ts";
import { writeUnknowns } from "./unknowns.ts";
import { writeWarnings } from "./warnings.ts";

/** The report for a person: the verdict first, then each root cause with its proof and its remedy, then what could not
 * be checked, then counts. Ends with a line end. */
export function renderText(report: Report, view: View): string {
  const page = createPage(view);
  const marks = marksOf(view);

  headline(page, marks, report);
  report.rootCauses.forEach((root, index) => {
    page.blank();
    writeRootCause(page, marks, root, { number: index + 1, explain: view.explain });
  });
  writeUnexplained(page, marks, report);
  writeWarnings(page, marks, report.findings);
  writeUnknowns(page, marks, report.unknowns);
  writeChanges(page, marks, report);
  if (view.verbose) writeOthers(page, marks, report.findings);
  page.blank();
  page.prose(0, summaryLine(report), { style: "faint" });
  return page.toString();
}

function summaryLine({ findings, stats, durationMs }: Report): string {
  const count = (status: Report["findings"][number]["status"]) =>
    findings.filter((finding) => finding.status === status).length;
  const results = [
    `${count("pass")} passed`,
    `${count("fail")} failed`,
    counted(count("warn"), "warning"),
    `${count("unknown")} unknown`,
    `${count("skipped")} skipped`,
  ];
  const work = [
    counted(stats.armRequests, "ARM request"),
    counted(stats.dnsQueries, "DNS query", "DNS queries"),
    counted(stats.connections, "connection"),
  ];
  return `${results.join(", ")} · ${work.join(", ")} · ${secondsText(durationMs)}`;
}
