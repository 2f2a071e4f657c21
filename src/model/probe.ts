import type { Given, Needs } from "./fact.ts";
import type { FoundVerdict, Say, Verdict } from "./finding.ts";
import type { Remediation } from "./remediation.ts";

/** Roots of equal weight are told in this order: what is decided first comes first. */
export const layers = ["control-plane", "identity", "dns", "transport", "endpoint"] as const;
export type Layer = (typeof layers)[number];

/** One thing that can cause a reason. */
export type Cause =
  /** A failure id; it explains the effect when the two are about the same thing. */
  | string
  /** A failure id that explains the effect wherever it stands. */
  | { readonly reason: string; readonly scope: "anywhere" };

/** One way to fail: what is said of it and how it is mended. */
export interface Reason {
  readonly severity: "error" | "warning";
  /** The fault, as a sentence without the names. */
  readonly title: string;
  /** What is wrong here, with both values. `found.data` has the shape that the probe's judge gave it. */
  detail?(found: FoundVerdict): string;
  fix(found: FoundVerdict): Remediation | readonly Remediation[];
  /** What to start again once the cause of this is mended; told with the root cause that explains it. */
  retry?(found: FoundVerdict): Remediation;
  /** True where mending makes a new one in place of what failed, so that starting the failed one again is of no use. */
  anew?(found: FoundVerdict): boolean;
  readonly causedBy?: readonly Cause[];
  /** Other failure ids that look alike; the judge says what rules each out. */
  readonly rivals?: readonly string[];
  /** True where waiting may end it: somebody's approval is awaited, an operation runs, an answer expires. */
  heals?(found: FoundVerdict): boolean;
}

/** One question about the estate, and everything there is to say about its answers. */
export interface Probe {
  /** Its path under `probes/`, without the ending. */
  readonly id: string;
  /** True when it passes. */
  readonly title: string;
  readonly layer: Layer;
  readonly docs: readonly string[];
  readonly needs: Needs;
  /** By failure id. */
  readonly reasons: Readonly<Record<string, Reason>>;
  /** What stays undecided when this probe is unknown, as the user would put it. */
  readonly consequence?: string;
  /** A probe whose unknown never spoils a healthy verdict. */
  readonly advisory?: boolean;
  judge(facts: Readonly<Record<string, unknown>>, say: Say): Verdict | readonly Verdict[];
}

/** Defines a reason whose texts read typed data. */
export function reason<D = unknown>(definition: {
  severity: "error" | "warning";
  title: string;
  detail?(data: D, found: FoundVerdict<D>): string;
  fix(data: D, found: FoundVerdict<D>): Remediation | readonly Remediation[];
  retry?(data: D, found: FoundVerdict<D>): Remediation;
  anew?(data: D, found: FoundVerdict<D>): boolean;
  causedBy?: readonly Cause[];
  rivals?: readonly string[];
  heals?(data: D, found: FoundVerdict<D>): boolean;
}): Reason & { readonly data?: D } {
  const { detail, fix, retry, anew, heals, ...rest } = definition;
  return {
    ...rest,
    ...(detail === undefined
      ? {}
      : { detail: (found: FoundVerdict) => detail(found.data as D, found as FoundVerdict<D>) }),
    ...(retry === undefined
      ? {}
      : { retry: (found: FoundVerdict) => retry(found.data as D, found as FoundVerdict<D>) }),
    ...(anew === undefined ? {} : { anew: (found: FoundVerdict) => anew(found.data as D, found as FoundVerdict<D>) }),
    ...(heals === undefined
      ? {}
      : { heals: (found: FoundVerdict) => heals(found.data as D, found as FoundVerdict<D>) }),
    fix: (found: FoundVerdict) => fix(found.data as D, found as FoundVerdict<D>),
  };
}

type DataOf<R> = R extends { readonly data?: infer D } ? D : never;

/** `say`, knowing the data that each reason's texts want. */
export type TypedSay<R extends Readonly<Record<string, Reason>>> = Omit<Say, "found"> & {
  found<K extends keyof R & string>(
    reason: K,
    what: Omit<Parameters<Say["found"]>[1], "data"> &
      (unknown extends DataOf<R[K]> ? { data?: unknown } : { data: DataOf<R[K]> }),
  ): FoundVerdict;
};

/** Defines a probe. It is pure: facts in, verdicts out; no I/O, no clock. */
export function defineProbe<const N extends object, const R extends Readonly<Record<string, Reason>>>(probe: {
  id: string;
  title: string;
  layer: Layer;
  docs: readonly string[];
  needs: N;
  reasons: R;
  consequence?: string;
  advisory?: boolean;
  judge(facts: Given<N>, say: TypedSay<R>): Verdict | readonly Verdict[];
}): Probe {
  return probe as unknown as Probe;
}
