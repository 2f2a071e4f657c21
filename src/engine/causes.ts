import { layers } from "../model/probe.ts";
import { isFailing, isUnknown, type Finding, type FoundFinding } from "./finding.ts";
import { meet } from "./meeting.ts";
import type { Registry } from "./create-registry.ts";

/** A fault that nothing else which failed explains, with everything that it explains. */
export interface Root {
  /** All findings of this failure id on this subject, in their order; at least one. */
  readonly findings: readonly [FoundFinding, ...FoundFinding[]];
  /** The first finding of every fault that it explains, directly or through others; without itself. */
  readonly explains: readonly FoundFinding[];
  /** Failure ids that would explain it and could not be checked. */
  readonly possiblyCausedBy: readonly string[];
}

export interface Explanation {
  readonly roots: readonly Root[];
  /** The failure ids of the roots that explain a failing finding; empty for roots and for what does not fail. */
  causedBy(finding: Finding): readonly string[];
  /** Failure ids that could not be checked and would explain a failing finding that nothing else explains. */
  possiblyCausedBy(finding: Finding): readonly string[];
}

/** One failure id on one subject. */
interface Fault {
  readonly id: string;
  readonly subject: string;
  readonly findings: [FoundFinding, ...FoundFinding[]];
}

/**
 * Finds the root causes. Only failing findings have causes and are causes; warnings neither. From each one it climbs to
 * the failing causes that are about the same thing, as long as there are any; the last ones are its roots. A cause that
 * passed or was skipped ends the path; one that could not be checked is only named as possible.
 *
 * Each failing finding is a root or explained by one, and no root has a failing cause: the registry refuses circles.
 */
export function explain(findings: readonly Finding[], registry: Registry): Explanation {
  const faults = faultsOf(findings);
  const unknowns = findings.filter(isUnknown);
  const byReason = Map.groupBy(faults, (fault) => fault.id);
  const rootsOf = new Map<Fault, ReadonlySet<Fault>>();

  const climb = (fault: Fault): ReadonlySet<Fault> => {
    const known = rootsOf.get(fault);
    if (known !== undefined) return known;
    const causes = registry
      .causesOf(fault.id)
      .flatMap((cause) =>
        (byReason.get(cause.reason) ?? []).filter((other) => cause.scope === "anywhere" || concern(fault, other)),
      );
    const roots = causes.length === 0 ? new Set([fault]) : new Set(causes.flatMap((cause) => [...climb(cause)]));
    rootsOf.set(fault, roots);
    return roots;
  };

  const possible = (fault: Fault): string[] => {
    const open = registry.causesOf(fault.id).filter((cause) => {
      const probe = registry.probeOfReason(cause.reason);
      return unknowns.some(
        (unknown) =>
          unknown.probe === probe &&
          (cause.scope === "anywhere" ||
            unknown.verdict.subject === undefined ||
            fault.findings.some((finding) => meet(finding.verdict, unknown.verdict))),
      );
    });
    return [...new Set(open.map((cause) => cause.reason))];
  };

  const isRoot = (fault: Fault): boolean => climb(fault).has(fault);
  const faultOf = new Map<Finding, Fault>(
    faults.flatMap((fault) => fault.findings.map((finding) => [finding, fault] as const)),
  );
  const roots = faults.filter(isRoot).map((root) => ({
    fault: root,
    explained: faults.filter((fault) => fault !== root && climb(fault).has(root)),
  }));
  roots.sort(
    (a, b) =>
      b.explained.length - a.explained.length ||
      layerOf(a.fault) - layerOf(b.fault) ||
      compare(a.fault.id, b.fault.id) ||
      compare(a.fault.subject, b.fault.subject),
  );

  return {
    roots: roots.map(({ fault, explained }) => ({
      findings: fault.findings,
      explains: explained.map((other) => other.findings[0]),
      possiblyCausedBy: possible(fault),
    })),
    causedBy: (finding) => {
      const fault = faultOf.get(finding);
      if (fault === undefined || isRoot(fault)) return [];
      return [...new Set([...climb(fault)].map((root) => root.id))].sort(compare);
    },
    possiblyCausedBy: (finding) => {
      const fault = faultOf.get(finding);
      return fault !== undefined && isRoot(fault) ? possible(fault) : [];
    },
  };
}

/** Two findings of one failure id on one subject are one fault. */
function faultsOf(findings: readonly Finding[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const finding of findings.filter(isFailing)) {
    const { reason: id, subject } = finding.verdict;
    const key = JSON.stringify([id, subject.toLowerCase()]);
    const known = faults.get(key);
    if (known === undefined) faults.set(key, { id, subject, findings: [finding] });
    else known.findings.push(finding);
  }
  return [...faults.values()];
}

function concern(effect: Fault, cause: Fault): boolean {
  return effect.findings.some((a) => cause.findings.some((b) => meet(a.verdict, b.verdict)));
}

function layerOf(fault: Fault): number {
  return layers.indexOf(fault.findings[0].probe.layer);
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
