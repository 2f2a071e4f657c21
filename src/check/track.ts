import type { Change, Changes } from "../model/changes.ts";
import type { Report } from "../model/report.ts";
import { fateOf, keyOf, problemsIn, type Observed } from "./observe.ts";
import { stateSchemaId, type State, type Tracked } from "./state.ts";

/** How a check is compared with the ones before. */
export interface Tracking {
  /** Checks in a row after which a problem counts as there, or as gone; at least 1. */
  readonly confirm: number;
  /** What is to be said of the comparison itself. */
  readonly notes?: readonly string[];
}

/**
 * Compares a report with what is remembered, and gives what to remember next.
 *
 * Damping: a root cause or a warning counts as there after `confirm` checks in a row saw it, and as gone after `confirm`
 * checks in a row looked and did not. A check that could not look moves nothing. The very first check has nothing to
 * damp against and counts at once, and so does a blind spot: a monitor that cannot see says so now, and is never green.
 */
export function track(
  previous: State | undefined,
  report: Report,
  { confirm, notes = [] }: Tracking,
): { state: State; changes: Changes } {
  const at = report.startedAt;
  const seen = new Map(problemsIn(report).map((problem) => [keyOf(problem), problem]));
  const known = new Map((previous?.problems ?? []).map((problem) => [keyOf(problem), problem]));
  const steps = [
    ...[...known].map(([key, problem]) => follow(problem, seen.get(key), report, confirm)),
    ...[...seen].flatMap(([key, problem]) =>
      known.has(key) ? [] : [begin(problem, at, confirm, previous === undefined)],
    ),
  ];
  const kept = steps.flatMap(({ tracked }) => (tracked === undefined ? [] : [tracked]));
  const verdict = dampedVerdict(report, kept);
  const verdictSince = previous?.verdict === verdict ? previous.verdictSince : at;
  return {
    state: { schema: stateSchemaId, verdict, verdictSince, problems: kept, report },
    changes: {
      verdict,
      verdictSince,
      ...(previous === undefined ? {} : { previousVerdict: previous.verdict, comparedWith: previous.report.startedAt }),
      confirm,
      problems: steps.flatMap(({ change }) => (change === undefined ? [] : [change])),
      notes: [...notes],
    },
  };
}

/** A problem's next memory (none: forgotten) and what is told of it (nothing: a suspicion that did not last). */
interface Step {
  readonly tracked?: Tracked;
  readonly change?: Change;
}

function begin(problem: Observed, at: string, confirm: number, first: boolean): Step {
  const confirmed = first || confirm <= 1 || problem.kind === "blind-spot";
  const tracked: Tracked = { ...problem, firstSeen: at, lastSeen: at, confirmed, seen: 1, missed: 0 };
  return { tracked, change: changeOf(tracked, confirmed ? "new" : "suspected", 1) };
}

function follow(before: Tracked, now: Observed | undefined, report: Report, confirm: number): Step {
  const fate = now === undefined ? fateOf(before, report) : "there";
  switch (fate) {
    case "there": {
      const seen = before.seen + 1;
      const confirmed = before.confirmed || seen >= confirm;
      const tracked: Tracked = { ...before, ...now, lastSeen: report.startedAt, confirmed, seen, missed: 0 };
      return { tracked, change: changeOf(tracked, before.confirmed ? "open" : confirmed ? "new" : "suspected", seen) };
    }
    case "unseen":
      return { tracked: before, change: changeOf(before, before.confirmed ? "unseen" : "suspected", before.seen) };
    case "gone": {
      const missed = before.missed + 1;
      const tracked: Tracked = { ...before, seen: 0, missed };
      if (!before.confirmed) return {};
      if (missed >= confirm || before.kind === "blind-spot")
        return { change: { ...changeOf(tracked, "gone", missed), until: before.lastSeen } };
      return { tracked, change: changeOf(tracked, "fading", missed) };
    }
  }
}

function changeOf({ kind, id, subject, title, firstSeen }: Tracked, state: Change["state"], times: number): Change {
  return { kind, id, subject, title, state, since: firstSeen, times };
}

/** Inconclusive comes first where nothing is known to be broken: neither an old success nor an old failure says what
 * holds now. */
function dampedVerdict(report: Report, problems: readonly Tracked[]): Report["verdict"] {
  if (report.verdict === "inconclusive") return "inconclusive";
  if (problems.some((problem) => problem.kind === "root-cause" && problem.confirmed)) return "unhealthy";
  if (report.unknowns.some((unknown) => unknown.matters)) return "inconclusive";
  return "healthy";
}
