import type { RetryStrategy } from "@azure/core-rest-pipeline";
import type { Answer } from "./answer.ts";
import { readRetryAfterMs } from "./retry-after.ts";

/** Tries after the first. */
export const mostRetries = 2;

const passing = new Set([429, 500, 502, 503, 504]);
const passingErrors = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "PARSE_ERROR",
  "REQUEST_SEND_ERROR",
]);

/** What is known of the request that failed. */
export interface Attempt {
  /** Counted from 0. */
  readonly attempt: number;
  readonly answer?: Answer | undefined;
  /** The system's code when there was no answer. */
  readonly code?: string | undefined;
  /** Milliseconds until the request's own deadline. */
  readonly leftMs: number;
}

/** How long to wait before the next try, in milliseconds; undefined to give up. A service's own wish is heeded, also when
 * that means giving up at once because the time is not there; the SDK would sleep for it. The SDK does not retry 429
 * without Retry-After either; here it backs off. */
export function retryDelayMs(
  { attempt, answer, code, leftMs }: Attempt,
  random: () => number = Math.random,
): number | undefined {
  if (attempt >= mostRetries) return undefined;
  if (answer === undefined ? !passingErrors.has(code ?? "") : !passing.has(answer.status)) return undefined;
  const backoff = (answer?.status === 429 ? 500 : 200) * 2 ** attempt * (0.8 + 0.4 * random());
  const wait = (answer === undefined ? undefined : readRetryAfterMs(answer)) ?? backoff;
  return wait < leftMs ? wait : undefined;
}

/** {@link retryDelayMs} for the SDK's retry policy. `leftMs` tells how much time a request has. */
export function boundedRetry(options: {
  leftMs(request: object | undefined): number;
  answerOf(request: object | undefined): Answer | undefined;
  onRetry(): void;
}): RetryStrategy {
  return {
    name: "boundedRetry",
    retry: ({ retryCount, response, responseError }) => {
      const request = response?.request ?? responseError?.request;
      const wait = retryDelayMs({
        attempt: retryCount,
        answer: response === undefined ? undefined : options.answerOf(request),
        code: responseError?.code,
        leftMs: options.leftMs(request),
      });
      if (wait === undefined) return { skipStrategy: true };
      options.onRetry();
      return { retryAfterInMs: wait };
    },
  };
}
