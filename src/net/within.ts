/** How long a wait may take. */
export interface Limit {
  readonly timeoutMs: number;
  /** The run's own deadline: ends every wait at once. */
  readonly signal: AbortSignal;
}

/** Why a wait ended by itself. */
export type Expiry = "timeout" | "aborted";

/** The code that a stage carries when the run ended before the stage did: it says nothing about the other side. */
export const abortedCode = "ABORTED";

/**
 * Waits for what `start` begins, never longer than `limit` allows. `start` gets the function that ends the wait, and
 * returns the one that clears up; clearing up happens once, however the wait ends.
 */
export function within<T>(
  limit: Limit,
  expired: (why: Expiry) => T,
  start: (settle: (value: T) => void) => () => void,
): Promise<T> {
  if (limit.signal.aborted) return Promise.resolve(expired("aborted"));
  return new Promise((resolve) => {
    // `start` may settle before it has returned how to clear up.
    const state: { settled: boolean; stop?: () => void } = { settled: false };
    const settle = (value: T): void => {
      if (state.settled) return;
      state.settled = true;
      clearTimeout(timer);
      clearImmediate(late);
      limit.signal.removeEventListener("abort", onAbort);
      state.stop?.();
      resolve(value);
    };
    const onAbort = (): void => {
      settle(expired("aborted"));
    };
    // After a pause of this process an answer may lie there unread: it is taken in before the time is called up.
    let late: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      late = setImmediate(() => {
        settle(expired("timeout"));
      });
    }, limit.timeoutMs);
    limit.signal.addEventListener("abort", onAbort, { once: true });
    const stop = start(settle);
    state.stop = stop;
    if (state.settled) stop();
  });
}

/** Nothing will come: waits until the limit, as a client of a silent address does. */
export function silence(limit: Limit): Promise<Expiry> {
  return within<Expiry>(
    limit,
    (why) => why,
    () => () => undefined,
  );
}

/** Whole milliseconds since `start`, a value of `performance.now()`. */
export function since(start: number): number {
  return Math.round(performance.now() - start);
}
