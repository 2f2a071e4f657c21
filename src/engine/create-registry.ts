import { layers, type Probe, type Reason } from "../model/probe.ts";
import { factsOf } from "./fact-graph.ts";

/** One thing that can cause a failure, and how far apart the two may stand. */
export interface KnownCause {
  readonly reason: string;
  /** `same`: the two are about the same thing. */
  readonly scope: "same" | "anywhere";
}

/** A probe, or the folder of probes, does not hold together: a fault of the product, named with its file. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

/** All probes and what can cause what. */
export interface Registry {
  /** What is decided first comes first: by layer, causes before effects where that is possible, then by id. */
  readonly probes: readonly Probe[];
  /** The probes that `area/name`, `area/*` or `*` means, in the same order; empty when there is none. */
  probesOf(pattern: string): readonly Probe[];
  /** The probe that owns a failure id. */
  probeOfReason(reason: string): Probe | undefined;
  /** What can directly cause a failure id. */
  causesOf(reason: string): readonly KnownCause[];
  /** The failure ids that can cause this one, directly or through others; without itself. */
  allCausesOf(reason: string): ReadonlySet<string>;
}

/**
 * A registry of these probes. Throws `RegistryError` when a failure id has two owners, a cause is not a known failure
 * id, causes run in a circle, a title or documentation link is missing, or the facts do not fit together.
 */
export function createRegistry(probes: readonly Probe[]): Registry {
  const owners = new Map<string, Probe>();
  const ids = new Set<string>();
  for (const probe of probes) {
    if (ids.has(probe.id)) fail(probe, "another probe has the same id");
    ids.add(probe.id);
    checkTexts(probe);
    for (const reason of Object.keys(probe.reasons)) {
      const owner = owners.get(reason);
      if (owner !== undefined) fail(probe, `the failure id ${reason} belongs to ${owner.id}`);
      owners.set(reason, probe);
    }
  }
  const edges = new Map<string, readonly KnownCause[]>();
  for (const [id, probe] of owners) {
    const causes = causesOfReason(probe.reasons[id]);
    for (const cause of causes) {
      if (!owners.has(cause.reason)) fail(probe, `${id} is caused by ${cause.reason}, which no probe can find`);
    }
    edges.set(id, causes);
  }
  const closures = closeOver(edges, (path) => {
    const probe = owners.get(path[0] ?? "");
    if (probe !== undefined) fail(probe, `causes run in a circle: ${path.join(" ← ")}`);
  });
  checkFacts(probes);

  const causesOf = (reason: string): readonly KnownCause[] => edges.get(reason) ?? [];
  const ordered = inOrder(probes, (probe) =>
    Object.keys(probe.reasons).flatMap((reason) => causesOf(reason).flatMap((cause) => owners.get(cause.reason) ?? [])),
  );
  return {
    probes: ordered,
    probesOf: (pattern) =>
      pattern === "*"
        ? ordered
        : ordered.filter((probe) =>
            pattern.endsWith("/*") ? probe.id.startsWith(pattern.slice(0, -1)) : probe.id === pattern,
          ),
    probeOfReason: (reason) => owners.get(reason),
    causesOf,
    allCausesOf: (reason) => closures.get(reason) ?? new Set(),
  };
}

function fail(probe: Probe, why: string): never {
  throw new RegistryError(`probes/${probe.id}.ts: ${why}`);
}

function checkTexts(probe: Probe): void {
  if (probe.title.trim() === "") fail(probe, "the title is missing");
  if (probe.docs.length === 0) fail(probe, "a link to documentation is missing");
  for (const [id, reason] of Object.entries(probe.reasons)) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) fail(probe, `the failure id ${id} is not kebab-case`);
    if (reason.title.trim() === "") fail(probe, `the title of ${id} is missing`);
  }
}

function checkFacts(probes: readonly Probe[]): void {
  try {
    factsOf(probes.map((probe) => probe.needs));
  } catch (cause) {
    throw new RegistryError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The causes that a reason names, written out. */
function causesOfReason(reason: Reason | undefined): KnownCause[] {
  return (reason?.causedBy ?? []).map((cause) =>
    typeof cause === "string" ? { reason: cause, scope: "same" } : cause,
  );
}

/** Everything reachable from each id; `onCircle` is told the path of a circle. */
function closeOver(
  edges: ReadonlyMap<string, readonly KnownCause[]>,
  onCircle: (path: readonly string[]) => void,
): Map<string, ReadonlySet<string>> {
  const closed = new Map<string, ReadonlySet<string>>();
  const path: string[] = [];
  const visit = (id: string): ReadonlySet<string> => {
    const known = closed.get(id);
    if (known !== undefined) return known;
    const reached = new Set<string>();
    if (path.includes(id)) {
      onCircle([...path.slice(path.indexOf(id)), id]);
      return reached;
    }
    path.push(id);
    for (const cause of edges.get(id) ?? []) {
      reached.add(cause.reason);
      for (const deeper of visit(cause.reason)) reached.add(deeper);
    }
    path.pop();
    closed.set(id, reached);
    return reached;
  };
  for (const id of edges.keys()) visit(id);
  return closed;
}

/** Depth first over the causes: a probe whose causes lie in a later layer comes after them. Two probes can each cause a
 * failure of the other; then the layer and the id decide. */
function inOrder(probes: readonly Probe[], causesOf: (probe: Probe) => readonly Probe[]): Probe[] {
  const byLayer = (a: Probe, b: Probe): number =>
    layers.indexOf(a.layer) - layers.indexOf(b.layer) || (a.id < b.id ? -1 : 1);
  const ordered = new Set<Probe>();
  const seen = new Set<Probe>();
  const visit = (probe: Probe): void => {
    if (seen.has(probe)) return;
    seen.add(probe);
    for (const cause of [...causesOf(probe)].sort(byLayer)) visit(cause);
    ordered.add(probe);
  };
  for (const probe of [...probes].sort(byLayer)) visit(probe);
  return [...ordered];
}
