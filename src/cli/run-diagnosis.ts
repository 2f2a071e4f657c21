import { diagnose } from "../engine/run.ts";
import type { Registry } from "../engine/registry.ts";
import { createStore } from "../engine/store.ts";
import type { Playbook } from "../model/playbook.ts";
import type { Report } from "../model/report.ts";
import { compose, type Wishes } from "./compose.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import type { DemoFlags } from "./flags.ts";
import { noAnswer, noSuchWorkspace, watchWorkspace } from "./known-workspace.ts";
import { checkOutputs, writeOutputs } from "./output.ts";
import { createProgress } from "./progress.ts";
import { withPicture } from "./report-picture.ts";
import { vantageOf } from "./report-vantage.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";
import { viewOf } from "./view.ts";
import { cachedAnswers } from "./wait/cached-answers.ts";
import type { Look } from "./wait/decide.ts";
import { runningOperations } from "./wait/running-operations.ts";
import { systemClock } from "./wait/system-clock.ts";
import { waitUntilHealthy } from "./wait/wait.ts";

/** What a scheduled check does around a run. */
export interface Watch {
  /** Before anything is looked up. */
  begin(target: Report["target"]): Promise<void>;
  /** After a run that came to its end: the report with what the check adds, and whether standard output stays empty. */
  compare(report: Report): Promise<{ readonly report: Report; readonly quiet: boolean }>;
}

/** A diagnosis that is ready to run. */
export interface Plan {
  readonly probes: Registry;
  readonly playbook: Playbook;
  readonly around: Surroundings;
  readonly wishes: Omit<Wishes, "signal">;
  /** Seconds for the whole run. */
  readonly deadline: number;
  readonly flags: DemoFlags & { readonly failOn?: "warning" };
  readonly watch?: Watch | undefined;
  /** Seconds for looking again and again until it is healthy; one look when absent. `deadline` is then for each look. */
  readonly wait?: number | undefined;
}

/** How long a run that was told to end may take to put its report together, in milliseconds. */
const graceMs = 5000;

/** Runs a diagnosis and prints its report, also when the deadline passes or the user interrupts: then of what is known.
 * With `wait` it looks until that is of no more use, and prints the last report. Gives the exit code. Throws when the
 * workspace does not exist. */
export async function runDiagnosis(plan: Plan, terminal: Terminal): Promise<number> {
  await checkOutputs(plan.flags.output);
  await plan.watch?.begin(reportTarget(plan));
  const { report, trouble } =
    plan.wait === undefined ? await look(plan, terminal) : await lookUntil(plan.wait, plan, terminal);
  const failOnWarning = plan.flags.failOn === "warning";
  // A run that was interrupted says nothing about what changed.
  const shown =
    plan.watch === undefined || terminal.interrupted.aborted
      ? { report, quiet: false }
      : await plan.watch.compare(report);
  await writeOutputs(
    shown.report,
    plan.flags.output,
    { view: viewOf(plan.flags, terminal), failOnWarning, quiet: shown.quiet },
    terminal,
  );
  if (trouble !== undefined && !terminal.interrupted.aborted) terminal.tell(trouble);
  if (terminal.interrupted.aborted) return exitCodes.interrupted;
  return exitCodeOf(shown.report, { failOnWarning });
}

function reportTarget({ wishes }: Plan): Report["target"] {
  return { ...wishes.target, cloud: wishes.cloud.name };
}

/** One look at everything. */
interface Looked extends Look {
  /** What to tell when Azure Resource Manager said nothing of the workspace. */
  readonly trouble: string | undefined;
}

function lookUntil(limitSeconds: number, plan: Plan, terminal: Terminal): Promise<Looked> {
  return waitUntilHealthy({
    look: () => look(plan, terminal),
    layerOf: (reason) => plan.probes.probeOfReason(reason)?.layer,
    limitSeconds,
    clock: systemClock(terminal.interrupted),
    interrupted: () => terminal.interrupted.aborted,
    tell: (text) => terminal.tell(`aml-doctor: ${text}`),
  });
}

async function look(plan: Plan, terminal: Terminal): Promise<Looked> {
  const ended = new AbortController();
  const signal = AbortSignal.any([
    ended.signal,
    AbortSignal.timeout(Math.round(plan.deadline * 1000)),
    terminal.interrupted,
  ]);
  const composed = compose(plan.around, { ...plan.wishes, signal });
  const watched = watchWorkspace(composed.context);
  const context = { ...composed.context, arm: watched.arm };
  const store = createStore(context, plan.wishes.log);
  const progress = createProgress(terminal);
  progress.show(`Diagnosing ${context.target.workspace} ...`);
  try {
    const running = diagnose({
      probes: plan.probes,
      playbook: plan.playbook,
      context,
      store,
      tool: { name: "aml-doctor", version },
      target: reportTarget(plan),
      vantage: () => vantageOf(context, store),
      startedAt: new Date().toISOString(),
      now: () => performance.now(),
      stats: () => composed.stats,
      log: plan.wishes.log,
      observer: { probe: (id) => progress.show(`Checked ${id}`) },
    });
    const report = await withPicture(await Promise.race([running, overdue(signal)]), store);
    const workspace = await Promise.race([watched.workspace, overdue(signal)]);
    if (workspace.is === "absent") throw noSuchWorkspace(context);
    return {
      report,
      running: runningOperations(store.snapshot()),
      cached: await cachedAnswers(store),
      trouble: noAnswer(workspace, context),
    };
  } finally {
    progress.clear();
    // Whatever still waits on a socket must not keep the process.
    ended.abort();
  }
}

/** Rejects when the run goes on although it was told to end: that would be a bug, and must not become a hang. */
function overdue(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const wait = () =>
      setTimeout(() => reject(new Error(`the run did not end within ${graceMs} ms of its deadline`)), graceMs).unref();
    if (signal.aborted) wait();
    else signal.addEventListener("abort", wait, { once: true });
  });
}
