import type { Problem } from "../model/changes.ts";
import type { Report, ReportFinding } from "../model/report.ts";

/** A problem as one report shows it, with the probe that would have to look again before it counts as gone. */
export type Observed = Problem & { readonly probe: string };

/** What a report says is wrong, or could not be seen and matters. Each problem once. */
export function problemsIn(report: Pick<Report, "rootCauses" | "findings" | "unknowns">): readonly Observed[] {
  const all: Observed[] = [
    ...report.rootCauses.map(({ id, subject, title, probe }) => ({
      kind: "root-cause" as const,
      id,
      subject,
      title,
      probe,
    })),
    ...report.findings
      .filter((finding) => finding.status === "warn")
      .map(({ id, subject, summary, probe }) => ({ kind: "warning" as const, id, subject, title: summary, probe })),
    ...report.unknowns
      .filter((unknown) => unknown.matters)
      .map(({ probe, subject, consequence }) => ({
        kind: "blind-spot" as const,
        id: probe,
        subject,
        title: consequence,
        probe,
      })),
  ];
  return [...new Map(all.map((problem) => [keyOf(problem), problem])).values()];
}

/** What makes two problems the same one. Azure's ids and DNS names have no case. */
export function keyOf({ kind, id, subject }: Pick<Problem, "kind" | "id" | "subject">): string {
  return JSON.stringify([kind, id, subject.toLowerCase()]);
}

/**
 * What a report says of a problem that it does not list itself: `gone` only when its probe did look. A fault that is
 * there and now explained by a deeper one is `there` still; a probe that was unknown, stopped or not part of the run
 * leaves it `unseen`.
 */
export function fateOf(problem: Observed, report: Pick<Report, "findings">): "there" | "gone" | "unseen" {
  const findings = report.findings.filter((finding) => finding.probe === problem.probe);
  if (problem.kind !== "blind-spot" && findings.some((finding) => isSame(finding, problem))) return "there";
  // That nothing is unknown any more is the end of a blind spot; that its probe did not run is not.
  if (findings.length === 0 || findings.every(hasNotLooked)) return "unseen";
  if (problem.kind === "blind-spot") return "gone";
  // What the probe says of this very subject decides; an open question about another one does not keep a problem alive.
  const about = findings.filter((finding) => finding.subject.toLowerCase() === problem.subject.toLowerCase());
  const deciding = about.length > 0 ? about : findings;
  return deciding.some((finding) => finding.status === "unknown") ? "unseen" : "gone";
}

function isSame({ id, subject, status }: ReportFinding, problem: Observed): boolean {
  return (
    (status === "fail" || status === "warn") &&
    id === problem.id &&
    subject.toLowerCase() === problem.subject.toLowerCase()
  );
}

function hasNotLooked({ notReached }: ReportFinding): boolean {
  return notReached === true;
}
