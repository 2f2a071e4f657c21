/** Why a look-up gave nothing. A gap is never evidence of a fault: the thing itself was not seen. */
export type Gap =
  | {
      readonly gap: "denied";
      readonly status: 401 | 403;
      /** The ARM action or Kubernetes access that was refused, as the service named it. */
      readonly action?: string;
      /** The scope at which it was refused. */
      readonly scope?: string;
      /** The smallest built-in role with that action. */
      readonly role?: string;
      /** What the sign-in service said, in one safe line; only with 401. */
      readonly message?: string;
    }
  | { readonly gap: "timed-out"; readonly afterMs: number }
  | {
      readonly gap: "unreachable";
      readonly code: string;
      /** Set when already the sign-in could not be had: nothing is known of the service itself. */
      readonly during?: "sign-in";
    }
  | { readonly gap: "throttled"; readonly retryAfterMs: number }
  | { readonly gap: "not-collected"; readonly why: "offline" | "excluded" }
  | { readonly gap: "error"; readonly code: string; readonly message: string };

/** What a look-up brought: a value, the knowledge that there is nothing, or a gap. */
export type Observation<T> = { readonly is: "value"; readonly value: T } | { readonly is: "absent" } | GapObservation;

/** A gap, and the look-up that ran into it. */
export type GapObservation = {
  readonly is: "gap";
  /** The look-up, as a person would name it: `GET /subscriptions/…/vaults/kv1`. */
  readonly at: string;
} & Gap;

/** An observation of `value`. */
export function seen<T>(value: T): Observation<T> {
  return { is: "value", value };
}

/** The look-up worked and there is no such thing. */
export const absent: Observation<never> = { is: "absent" };

/** An observation of a gap at the look-up `at`. */
export function gapAt(at: string, gap: Gap): GapObservation {
  return { is: "gap", at, ...gap };
}

/** The value when there is one; undefined for absent things and for gaps. */
export function valueOf<T>(observation: Observation<T>): T | undefined {
  return observation.is === "value" ? observation.value : undefined;
}

/** The same observation with its value mapped. */
export function mapSeen<T, U>(observation: Observation<T>, map: (value: T) => U): Observation<U> {
  return observation.is === "value" ? seen(map(observation.value)) : observation;
}

/** Values of the observations that have one, in order. */
export function allSeen<T>(observations: Iterable<Observation<T>>): T[] {
  const values: T[] = [];
  for (const observation of observations) if (observation.is === "value") values.push(observation.value);
  return values;
}

/** The gaps among the observations, in order. */
export function gapsOf(observations: Iterable<Observation<unknown>>): GapObservation[] {
  const gaps: GapObservation[] = [];
  for (const observation of observations) if (observation.is === "gap") gaps.push(observation);
  return gaps;
}

/** One line for a person: what hindered the look-up. */
export function describeGap(gap: Gap): string {
  switch (gap.gap) {
    case "denied":
      return gap.status === 401
        ? `sign-in was not accepted (401)${gap.message === undefined ? "" : `: ${gap.message}`}`
        : `access was denied (403)${gap.action === undefined ? "" : `: ${gap.action}`}`;
    case "timed-out":
      return `no answer within ${gap.afterMs} ms`;
    case "unreachable":
      return `${gap.during === "sign-in" ? "what signs this tool in" : "the service"} could not be reached (${gap.code})`;
    case "throttled":
      return `the service throttled the request; it asks to wait ${Math.ceil(gap.retryAfterMs / 1000)} s`;
    case "not-collected":
      return gap.why === "offline" ? "not collected: this run is offline" : "not collected: excluded from this run";
    case "error":
      return `the look-up failed (${gap.code}): ${gap.message}`;
  }
}
