import { setTimeout as wait } from "node:timers/promises";
import type { Answer } from "./answer.ts";
import type { Gap } from "../model/observation.ts";
import { linkWithin } from "./arm-path.ts";
import { judgeAnswer, judgeThrown, type Judged } from "./classify-error.ts";
import type { Exchange } from "./pipeline.ts";
import { readRetryAfterMs } from "./retry-after.ts";

const leastWaitMs = 200;
/** Azure ML's diagnose sends no Retry-After. */
const usualWaitMs = 1000;

/** What an operation is followed with. */
export interface Following {
  readonly endpoint: string;
  /** Ends the following: the run's deadline and the operation's own. */
  readonly signal: AbortSignal;
  readonly action: string | undefined;
  get(url: string): Promise<Exchange>;
}

/** Follows an operation from its first answer to its end: 202 with Location, then the result at that place. The SDK's own
 * poller is not used because its waits heed no signal. The link carries a signature: it is sent back as it came, and it
 * never leaves the endpoint. */
export async function followOperation(first: Answer, { endpoint, signal, action, get }: Following): Promise<Judged> {
  const startedAt = performance.now();
  let answer = first;
  let place = first.headers.location;
  let polls = 0;
  while (answer.status === 202) {
    place = answer.headers.location ?? place;
    const url = place === undefined ? undefined : linkWithin(endpoint, place);
    if (url === undefined) {
      return broken(
        "foreign-link",
        place === undefined
          ? "the operation was accepted, but no place for its result was named"
          : "the operation's result is at a place away from Azure Resource Manager",
      );
    }
    try {
      // A short operation is often done already; like the SDK's poller, the first look does not wait unless it is told to.
      const unasked = polls === 0 ? leastWaitMs : usualWaitMs;
      await wait(Math.max(leastWaitMs, readRetryAfterMs(answer) ?? unasked), undefined, { signal });
      polls += 1;
    } catch {
      return { is: "gap", gap: { gap: "timed-out", afterMs: Math.round(performance.now() - startedAt) } };
    }
    const polled = await get(url);
    if ("thrown" in polled)
      return { is: "gap", gap: judgeThrown(polled.thrown, Math.round(performance.now() - startedAt)) };
    answer = polled.answer;
  }
  return judgeAnswer(answer, action);
}

function broken(code: string, message: string): Judged {
  return { is: "gap", gap: { gap: "error", code, message } satisfies Gap };
}
