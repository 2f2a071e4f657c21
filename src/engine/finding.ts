import type { FoundVerdict, Status, UnknownVerdict, Verdict } from "../model/finding.ts";
import type { Probe, Reason } from "../model/probe.ts";

/** What one probe said of one subject. */
export type Finding = FoundFinding | OtherFinding;

/** Something is wrong: what was found, and the reason that it was found for. */
export interface FoundFinding {
  readonly probe: Probe;
  readonly status: "fail" | "warn";
  readonly verdict: FoundVerdict;
  readonly reason: Reason;
}

/** Nothing is wrong, or nothing can be said. */
export interface OtherFinding {
  readonly probe: Probe;
  readonly status: Exclude<Status, "fail" | "warn">;
  readonly verdict: Exclude<Verdict, FoundVerdict>;
}

/** Something could not be decided. */
export type UnknownFinding = OtherFinding & { readonly verdict: UnknownVerdict };

/** The finding that a verdict of this probe amounts to. Throws when the verdict names a reason of another probe. */
export function findingOf(probe: Probe, verdict: Verdict): Finding {
  switch (verdict.is) {
    case "pass":
      return { probe, verdict, status: "pass" };
    case "skip":
      return { probe, verdict, status: "skipped" };
    case "unknown":
      return { probe, verdict, status: "unknown" };
    case "found": {
      const reason = ownReason(probe, verdict.reason);
      const status = reason.severity === "error" && verdict.as !== "warning" ? "fail" : "warn";
      return { probe, verdict, status, reason };
    }
  }
}

/** The finding of a probe that the playbook did not come to. */
export function notReached(probe: Probe, why: string): Finding {
  return findingOf(probe, { is: "skip", why, notReached: true });
}

/** The reason of this probe with that failure id; throws when it has none. */
export function ownReason(probe: Probe, id: string): Reason {
  const reason = Object.hasOwn(probe.reasons, id) ? probe.reasons[id] : undefined;
  if (reason === undefined) throw new Error(`${probe.id} has no reason ${id}`);
  return reason;
}

/** Whether something is wrong, as an error or a warning. */
export function isFound(finding: Finding): finding is FoundFinding {
  return finding.verdict.is === "found";
}

/** Whether something is broken. Only these have causes and are causes. */
export function isFailing(finding: Finding): finding is FoundFinding {
  return finding.status === "fail";
}

/** Whether it could not be decided. */
export function isUnknown(finding: Finding): finding is UnknownFinding {
  return finding.verdict.is === "unknown";
}
