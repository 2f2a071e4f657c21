import type { Changes, Problem } from "../model/changes.ts";
import type { Report } from "../model/report.ts";
import { fateOf, keyOf, problemsIn } from "./observe.ts";

/** How a report differs from one that somebody keeps as the measure. What this run could not look at counts as neither
 * added nor removed. */
export function compareWithBaseline(report: Report, baseline: Report): NonNullable<Changes["baseline"]> {
  const now = problemsIn(report);
  const then = problemsIn(baseline);
  const present = new Set(now.map(keyOf));
  const known = new Set(then.map(keyOf));
  return {
    startedAt: baseline.startedAt,
    added: now.filter((problem) => !known.has(keyOf(problem))).map(plain),
    removed: then.filter((problem) => !present.has(keyOf(problem)) && fateOf(problem, report) === "gone").map(plain),
  };
}

function plain({ kind, id, subject, title }: Problem): Problem {
  return { kind, id, subject, title };
}
