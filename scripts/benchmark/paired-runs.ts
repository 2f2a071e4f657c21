import { spawn } from "node:child_process";

/** A command: a program and its arguments. */
export type Command = readonly [string, ...string[]];

/** How one command compares with another. */
export interface Comparison {
  /** Median. */
  readonly milliseconds: number;
  /** Median of the pairs' ratios: a machine that is busy for a while slows both of a pair. */
  readonly ratio: number;
  /** Milliseconds of the quickest runs: what each takes when nothing else runs. */
  readonly quickest: number;
  readonly quickestBare: number;
}

const longestMs = 60_000;

/** Runs both commands in turn, `pairs` times. Throws when one cannot be started or does not end within a minute. */
export async function compareWith(bare: Command, command: Command, pairs: number): Promise<Comparison> {
  const times: number[] = [];
  const bareTimes: number[] = [];
  // One of each before, unmeasured: files come from memory, and what is kept compiled is there.
  await timeOf(bare);
  await timeOf(command);
  for (let pair = 0; pair < pairs; pair += 1) {
    bareTimes.push(await timeOf(bare));
    times.push(await timeOf(command));
  }
  return {
    milliseconds: median(times),
    ratio: median(times.map((time, pair) => time / (bareTimes[pair] ?? NaN))),
    quickest: Math.min(...times),
    quickestBare: Math.min(...bareTimes),
  };
}

function timeOf([program, ...given]: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = spawn(program, given, { stdio: "ignore", timeout: longestMs, killSignal: "SIGKILL" });
    child.on("error", reject);
    child.on("close", (_exitCode, killed) => {
      if (killed === null) resolve(performance.now() - from);
      else reject(new Error(`${[program, ...given].join(" ")} was ended by ${killed}`));
    });
  });
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
