import type { Status } from "../model/finding.ts";
import type { Playbook } from "../model/playbook.ts";
import type { Context } from "../model/ports.ts";
import { reportSchemaId, type Report } from "../model/report.ts";
import { assemble } from "./assemble.ts";
import { explain } from "./causes.ts";
import type { Registry } from "./create-registry.ts";
import { evaluate } from "./evaluate.ts";
import { factsOf } from "./fact-graph.ts";
import { notReached, type Finding } from "./finding.ts";
import type { EngineLog } from "./log.ts";
import { planOf, type PlannedStep } from "./plan.ts";
import { sanitize } from "./sanitize.ts";
import { createStore, type Store } from "./store.ts";

/** Told of each probe as it is judged, for progress. */
export interface Observer {
  /** `counts` holds the statuses that the probe's findings have; each at least 1. */
  probe(id: string, counts: Readonly<Partial<Record<Status, number>>>): void;
}

/** What a diagnosis is made of. */
export interface Diagnosis {
  readonly probes: Registry;
  readonly playbook: Playbook;
  readonly context: Context;
  /** Where the facts come from; a new store on `context` when absent. */
  readonly store?: Store;
  readonly tool: Report["tool"];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds; only differences are used. */
  now(): number;
  /** Called once, at the end; the engine adds its own cache hits. */
  stats(): Report["stats"];
  readonly target: Report["target"];
  /** Where the run looks from; must settle by the time `context.signal` is aborted. */
  vantage(): Promise<Report["vantage"]>;
  readonly log?: EngineLog;
  readonly observer?: Observer;
}

/**
 * Runs a playbook. All look-ups start at once; probes are judged in the playbook's order as their facts come.
 *
 * The probes that can cause what a step finds are judged too, whether or not the playbook names them (see `planOf`).
 * `on: stop` ends the run after its step; what was not judged by then is reported as skipped. An aborted signal ends the
 * look-ups, not the run: what is still open becomes unknown, and `complete` is false. Throws `RegistryError` when a step
 * means no probe, before anything is looked up.
 */
export async function diagnose(diagnosis: Diagnosis): Promise<Report> {
  const { probes: registry, playbook, context, log, now } = diagnosis;
  const start = now();
  const plan = planOf(playbook, registry);
  const store = diagnosis.store ?? createStore(context, log, now);
  store.prefetch(factsOf(plan.flatMap((planned) => planned.probes.map((probe) => probe.needs))));
  const vantage = diagnosis.vantage();
  // Judging comes first; until then nobody waits for the vantage, and a rejection must not go unhandled.
  vantage.catch(() => undefined);

  const findings = await walk(plan, store, diagnosis);
  const judged = assemble(findings, explain(findings, registry), diagnosis.target, log);
  const stats = diagnosis.stats();
  return sanitize<Report>({
    schema: reportSchemaId,
    tool: diagnosis.tool,
    startedAt: diagnosis.startedAt,
    durationMs: Math.max(0, Math.round(now() - start)),
    playbook: playbook.id,
    target: diagnosis.target,
    vantage: await vantage,
    verdict: judged.verdict,
    complete: !context.signal.aborted,
    rootCauses: judged.rootCauses,
    findings: judged.findings,
    unknowns: judged.unknowns,
    stats: { ...stats, cacheHits: stats.cacheHits + store.cacheHits() },
  });
}

async function walk(plan: readonly PlannedStep[], store: Store, { log, observer }: Diagnosis): Promise<Finding[]> {
  const findings: Finding[] = [];
  let stopped: string | undefined;
  for (const { step, probes, meant } of plan) {
    for (const probe of probes) {
      const found = stopped === undefined ? await evaluate(probe, store, log) : [notReached(probe, stopped)];
      findings.push(...found);
      observer?.probe(probe.id, countStatuses(found));
    }
    const end = findings.find(({ probe, status }) => meant.has(probe) && step.on?.[status] === "stop");
    if (end !== undefined) stopped ??= `stopped after ${step.probe}: ${end.status}`;
  }
  return findings;
}

function countStatuses(findings: readonly Finding[]): Partial<Record<Status, number>> {
  const counts: Partial<Record<Status, number>> = {};
  for (const { status } of findings) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
