import pLimit from "p-limit";

/** Runs work, some of it later: never more than so much at once. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/** A limiter of its own count; give one to all ports to bound a whole run. Work must not wait for other work of it. */
export function createLimiter(concurrency: number): Limiter {
  const limit = pLimit(concurrency);
  return (work) => limit(work);
}

/** Runs everything at once. */
export const unlimited: Limiter = (work) => work();
