import { layers } from "../model/probe.ts";
import type { Candidate } from "../model/finding.ts";
import { isFailing, isUnknown, type Finding, type FoundFinding, type UnknownFinding } from "./finding.ts";
import { meet } from "./meeting.ts";
import type { Registry } from "./create-registry.ts";

/** A failure id that may explain a fault, and what would tell. */
export interface OpenCause extends Candidate {
  /** The fault, as its reason calls it. */
  readonly title: string;
}

/** A fault that nothing else which failed explains, with everything that it explains. */
export interface Root {
  /** All findings of this failure id on this subject, in their order; at least one. */
  readonly findings: readonly [FoundFinding, ...FoundFinding[]];
  /** The first finding of every fault that it explains, directly or through others; without itself. */
  readonly explains: readonly FoundFinding[];
  /** What would explain it and could not be checked or told apart. */
  readonly openCauses: readonly OpenCause[];
}

export interface Explanation {
  readonly roots: readonly Root[];
  /** The failure ids of the roots that explain a failing finding; empty for roots and for what does not fail. */
  causedBy(finding: Finding): readonly string[];
  /** What could not be checked or told apart and would explain a failing finding that nothing else explains. */
  openCauses(finding: Finding): readonly OpenCause[];
  /** The causes between which an open question stands; empty when it names none. */
  candidates(question: UnknownFinding): readonly OpenCause[];
}

/** One failure id on one subject. */
interface Fault {
  readonly id: string;
  readonly subject: string;
  readonly findings: [FoundFinding, ...FoundFinding[]];
}

/** A root and the faults that it explains. */
interface Weighed {
  readonly fault: Fault;
  readonly explained: Fault[];
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

  const questions = (fault: Fault): { id: string; left: UnknownFinding }[] =>
    registry.causesOf(fault.id).flatMap((cause) => {
      const left = unknowns.find(
        (unknown) =>
          leavesOpen(unknown, cause.reason) &&
          (cause.scope === "anywhere" ||
            unknown.verdict.subject === undefined ||
            fault.findings.some((finding) => meet(finding.verdict, unknown.verdict))),
      );
      return left === undefined ? [] : [{ id: cause.reason, left }];
    });
  const open = (fault: Fault): OpenCause[] => questions(fault).map(({ id, left }) => openCause(id, left, registry));

  const isRoot = (fault: Fault): boolean => climb(fault).has(fault);
  const faultOf = new Map<Finding, Fault>(
    faults.flatMap((fault) => fault.findings.map((finding) => [finding, fault] as const)),
  );
  const roots = faults.filter(isRoot).map((root) => ({
    fault: root,
    explained: faults.filter((fault) => fault !== root && climb(fault).has(root)),
  }));
  const likenesses = new Set(roots.flatMap(({ fault }) => likenessOf(fault) ?? []));
  const undecided = unknowns.filter(({ verdict }) => (verdict.candidates ?? []).length > 1);
  const standsFor = tellOnce(roots, [
    ...[...likenesses].map((likeness) => (fault: Fault) => likenessOf(fault) === likeness),
    // What the same candidates would all explain.
    ...undecided.map((question) => (fault: Fault) => {
      const asked = questions(fault).filter(({ left }) => left === question);
      return asked.length === question.verdict.candidates?.length;
    }),
  ]);
  const isTold = (fault: Fault): boolean => isRoot(fault) && !standsFor.has(fault);
  const rootIds = (fault: Fault): string[] => [...climb(fault)].map((root) => (standsFor.get(root) ?? root).id);

  return {
    roots: roots
      .filter(({ fault }) => isTold(fault))
      .sort(byWeight)
      .map(({ fault, explained }) => ({
        findings: fault.findings,
        explains: explained.map((other) => other.findings[0]),
        openCauses: open(fault),
      })),
    causedBy: (finding) => {
      const fault = faultOf.get(finding);
      return fault === undefined || isTold(fault) ? [] : [...new Set(rootIds(fault))].sort(compare);
    },
    openCauses: (finding) => {
      const fault = faultOf.get(finding);
      return fault !== undefined && isTold(fault) ? open(fault) : [];
    },
    candidates: (question) => (question.verdict.candidates ?? []).map(({ id }) => openCause(id, question, registry)),
  };
}

/**
 * What faults that have one cause would say is told once: the root that is decided first, and that its probe names first,
 * stands for the others and explains what they do. Returns what stands for whom; a root that stands for others is in
 * nobody's stead.
 */
function tellOnce(
  roots: readonly Weighed[],
  groups: readonly ((fault: Fault) => boolean)[],
): ReadonlyMap<Fault, Fault> {
  const standsFor = new Map<Fault, Fault>();
  for (const isOfGroup of groups) {
    const leads = new Set(standsFor.values());
    const [lead, ...others] = roots
      .filter(({ fault }) => !standsFor.has(fault) && isOfGroup(fault))
      .sort((a, b) => Number(leads.has(b.fault)) - Number(leads.has(a.fault)) || byRank(a.fault, b.fault));
    for (const other of others) {
      if (lead === undefined || leads.has(other.fault)) continue;
      standsFor.set(other.fault, lead.fault);
      lead.explained.push(...[other.fault, ...other.explained].filter((fault) => !lead.explained.includes(fault)));
    }
  }
  return standsFor;
}

/** What makes faults of one failure id one, where their probe says so. */
function likenessOf({ id, findings: [{ verdict }] }: Fault): string | undefined {
  return verdict.alike === undefined ? undefined : JSON.stringify([id, verdict.alike]);
}

function byWeight(a: Weighed, b: Weighed): number {
  return (
    b.explained.length - a.explained.length ||
    layerOf(a.fault) - layerOf(b.fault) ||
    compare(a.fault.id, b.fault.id) ||
    compare(a.fault.subject, b.fault.subject)
  );
}

/** Of two that are alike in both, neither: they stay in the order in which they were found. */
function byRank(a: Fault, b: Fault): number {
  return layerOf(a) - layerOf(b) || rankOf(a) - rankOf(b);
}

/** Whether this question, had it been answered, might have brought that failure id. One that says between which causes
 * it stands leaves open those; any other, all that its probe can find. */
function leavesOpen({ probe, verdict }: UnknownFinding, id: string): boolean {
  return verdict.candidates?.some((candidate) => candidate.id === id) ?? Object.hasOwn(probe.reasons, id);
}

function openCause(id: string, { verdict }: UnknownFinding, registry: Registry): OpenCause {
  return {
    id,
    title: registry.probeOfReason(id)?.reasons[id]?.title ?? id,
    test:
      verdict.candidates?.find((candidate) => candidate.id === id)?.test ??
      (verdict.permission === undefined ? verdict.reason : `it shows once this may be read: ${verdict.permission}`),
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

/** Where its probe names the failure id: the one that says most comes first. */
function rankOf({ id, findings: [{ probe }] }: Fault): number {
  return Object.keys(probe.reasons).indexOf(id);
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
