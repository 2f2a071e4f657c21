import { readErrorBody } from "./arm-error-body.ts";
import type { Answer } from "./answer.ts";

/** How long a service asks to wait, in milliseconds; undefined when it does not say. Headers in the order of the Azure
 * SDK, seconds or a date; ARM's throttling text holds the wait too ("Please try again after '324' seconds"). */
export function readRetryAfterMs(answer: Answer, now: number = Date.now()): number | undefined {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const ms = readNumber(answer.headers[name]);
    if (ms !== undefined) return ms;
  }
  const header = answer.headers["retry-after"];
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * 1000;
  const date = header === undefined ? Number.NaN : Date.parse(header);
  if (Number.isFinite(date)) return Math.max(0, date - now);
  if (answer.status !== 429) return undefined;
  const told = readNumber(/after '?(\d{1,6})'? seconds/.exec(readErrorBody(answer.body)?.message ?? "")?.[1]);
  return told === undefined ? undefined : told * 1000;
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
