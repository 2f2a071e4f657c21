import { setTimeout as wait } from "node:timers/promises";
import { compareWithBaseline } from "../../check/compare.ts";
import { track } from "../../check/track.ts";
import { hasChanged, type Changes } from "../../model/changes.ts";
import type { Report } from "../../model/report.ts";
import { exitCodes } from "../exit-code.ts";
import { withLock } from "../file-lock.ts";
import type { CheckFlags } from "../check-flags.ts";
import type { Watch } from "../run-diagnosis.ts";
import { defaultStateFile, prepareState, readBaseline, readState, writeState } from "../state-file.ts";
import type { Terminal } from "../terminal.ts";
import { runDiagnose } from "./diagnose.ts";

/**
 * `check`: a diagnosis that remembers the one before. Gives the exit code, by the verdict after flap damping. A state that
 * could not be kept is an error at the end, after the report was printed.
 */
export async function runCheck(flags: CheckFlags, terminal: Terminal): Promise<number> {
  if (!(await pause(flags.jitter ?? 0, terminal.interrupted))) return exitCodes.interrupted;
  const watch = await createWatch(flags, terminal);
  const exitCode = await runDiagnose(flags, terminal, { watch });
  const failure = watch.failure();
  if (failure !== undefined) throw failure;
  return exitCode;
}

/** Waits for a part of `seconds` that is drawn by chance, so that many machines do not ask Azure at the same moment. Says
 * whether the wait came to its end. */
async function pause(seconds: number, interrupted: AbortSignal): Promise<boolean> {
  if (seconds === 0) return true;
  return wait(Math.random() * seconds * 1000, true, { signal: interrupted }).catch(() => false);
}

interface CheckWatch extends Watch {
  /** Why the state could not be kept. */
  failure(): Error | undefined;
}

async function createWatch(flags: CheckFlags, terminal: Terminal): Promise<CheckWatch> {
  const baseline = flags.baseline === undefined ? undefined : await readBaseline(flags.baseline);
  const { confirm } = flags;
  let file = flags.state ?? "";
  let failure: Error | undefined;
  return {
    failure: () => failure,
    begin: async (target) => {
      if (flags.state === undefined) file = defaultStateFile(target, terminal.environment);
      await prepareState(file);
      // Somebody who named the wrong file learns it now and not after the run.
      const { notes } = await readState(file, target, { setAside: false });
      for (const note of notes) terminal.tell(`aml-doctor: ${note}`);
    },
    compare: async (report) => {
      const changes = await remember(file, report, confirm).catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
        // The report is worth printing all the same, as that of a check without a past.
        return track(undefined, report, { confirm, notes: [`The state could not be kept: ${failure.message}`] })
          .changes;
      });
      const compared =
        baseline === undefined ? changes : { ...changes, baseline: compareWithBaseline(report, baseline) };
      return { report: { ...report, changes: compared }, quiet: flags.onChange === true && !hasChanged(compared) };
    },
  };
}

/** Compares with the state and replaces it, as one step that no other check can come between. */
async function remember(file: string, report: Report, confirm: number): Promise<Changes> {
  return withLock(file, async () => {
    const { state, notes } = await readState(file, report.target, { setAside: true });
    const tracked = track(state, report, { confirm, notes });
    await writeState(file, tracked.state);
    return tracked.changes;
  });
}
