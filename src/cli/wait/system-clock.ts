import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./wait.ts";

/** The clock of this machine; its pauses end when `interrupted` is aborted. */
export function systemClock(interrupted: AbortSignal): Clock {
  return {
    now: () => performance.now(),
    sleep: (ms) => sleep(ms, undefined, { signal: interrupted }).catch(() => undefined),
  };
}
