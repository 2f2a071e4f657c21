import type { Layer } from "../../model/probe.ts";
import { decide, type Look } from "./decide.ts";

/** Time as the waiting sees it. */
export interface Clock {
  /** Milliseconds; only differences are used. */
  now(): number;
  /** Ends early when interrupted; never rejects. */
  sleep(ms: number): Promise<void>;
}

/** What a wait is made of. */
export interface Waiting<L extends Look> {
  look(): Promise<L>;
  layerOf(reason: string): Layer | undefined;
  /** Seconds until the last look may begin. */
  readonly limitSeconds: number;
  readonly clock: Clock;
  /** Whether the user wants an end. */
  interrupted(): boolean;
  /** Told once before each pause and once at the end. */
  tell(text: string): void;
}

/** The pause before the second look, in seconds; each further one is half as long again, up to the longest. */
const firstPause = 10;
const longestPause = 120;

/** Looks until it is healthy, until waiting is of no use (see `decide`), or until the time is up. Gives the last look. */
export async function waitUntilHealthy<L extends Look>(waiting: Waiting<L>): Promise<L> {
  const { clock, limitSeconds, tell } = waiting;
  const start = clock.now();
  let excused: ReadonlySet<string> = new Set();
  let pause = firstPause;
  for (let looks = 1; ; looks += 1) {
    const look = await waiting.look();
    if (waiting.interrupted()) return look;
    const decision = decide(look, waiting.layerOf, excused);
    if (decision.then === "stop") {
      if (looks > 1 || look.report.verdict !== "healthy") tell(`No more waiting: ${decision.why}.`);
      return look;
    }
    const left = limitSeconds - (clock.now() - start) / 1000;
    // One second more: a resolver counts whole ones.
    const soonest = decision.notBefore === 0 ? 0 : decision.notBefore + 1;
    if (left <= 0 || soonest > left) {
      tell(
        `No more waiting: the ${limitSeconds} s of --wait are over before another look is worth while (${decision.why}).`,
      );
      return look;
    }
    const wanted = Math.max(Math.min(pause, left), soonest);
    tell(`Waiting: ${decision.why}. Next look in ${Math.round(wanted)} s.`);
    await clock.sleep(wanted * 1000);
    if (waiting.interrupted()) return look;
    excused = decision.excused;
    pause = Math.min(longestPause, pause * 1.5);
  }
}
