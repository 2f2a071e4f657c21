import { diagnose } from "../engine/run.ts";
import type { Registry } from "../engine/registry.ts";
import { createStore } from "../engine/store.ts";
import type { Playbook } from "../model/playbook.ts";
import { renderJson } from "../reporters/json.ts";
import { renderText } from "../reporters/text.ts";
import { compose, type Wishes } from "./compose.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import type { DemoFlags } from "./flags.ts";
import { noAnswer, noSuchWorkspace, watchWorkspace } from "./known-workspace.ts";
import { createProgress } from "./progress.ts";
import { vantageOf } from "./report-vantage.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";
import { viewOf } from "./view.ts";

/** A diagnosis that is ready to run. */
export interface Plan {
  readonly probes: Registry;
  readonly playbook: Playbook;
  readonly around: Surroundings;
  readonly wishes: Omit<Wishes, "signal">;
  /** Seconds for the whole run. */
  readonly deadline: number;
  readonly flags: DemoFlags & { readonly failOn?: "warning" };
}

/** How long a run that was told to end may take to put its report together, in milliseconds. */
const graceMs = 5000;

/** Runs a diagnosis and prints its report, also when the deadline passes or the user interrupts: then of what is known.
 * Gives the exit code. Throws when the workspace does not exist. */
export async function runDiagnosis(plan: Plan, terminal: Terminal): Promise<number> {
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
  progress.show(`Diagnosing ${context.target.workspace} …`);
  try {
    const running = diagnose({
      probes: plan.probes,
      playbook: plan.playbook,
      context,
      store,
      tool: { name: "aml-doctor", version },
      target: { ...context.target, cloud: context.cloud.name },
      vantage: () => vantageOf(context, store),
      startedAt: new Date().toISOString(),
      now: () => performance.now(),
      stats: () => composed.stats,
      log: plan.wishes.log,
      observer: { probe: (id) => progress.show(`Checked ${id}`) },
    });
    const report = await Promise.race([running, overdue(signal)]);
    const workspace = await Promise.race([watched.workspace, overdue(signal)]);
    progress.clear();
    if (workspace.is === "absent") throw noSuchWorkspace(context);
    terminal.write(
      plan.flags.output === "json" ? renderJson(report) : renderText(report, viewOf(plan.flags, terminal)),
    );
    const why = noAnswer(workspace, context);
    if (why !== undefined && !terminal.interrupted.aborted) terminal.tell(why);
    if (terminal.interrupted.aborted) return exitCodes.interrupted;
    return exitCodeOf(report, { failOnWarning: plan.flags.failOn === "warning" });
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
