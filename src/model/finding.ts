import type { Evidence } from "./evidence.ts";
import type { GapObservation } from "./observation.ts";

export type Status = "pass" | "warn" | "fail" | "unknown" | "skipped";

/** How sure a finding is. `likely` is inferred and says from what. */
export type Confidence = "confirmed" | "likely";

/** A rival explanation and what excludes it. */
export interface RuledOut {
  /** A failure id of the catalogue. */
  readonly id: string;
  readonly by: string;
}

/** A cause that may be the one, where evidence cannot tell it from others. */
export interface Candidate {
  /** A failure id of the catalogue. */
  readonly id: string;
  /** The test that would decide, with the command to run where there is one. */
  readonly test: string;
}

/** What a judge says. Verdicts are made by `say` only. */
export type Verdict = PassVerdict | SkipVerdict | FoundVerdict | UnknownVerdict;

export interface PassVerdict {
  readonly is: "pass";
  readonly subject?: string;
  /** What was seen to be right; the probe's title when absent. */
  readonly summary?: string;
  readonly evidence: readonly Evidence[];
}

export interface SkipVerdict {
  readonly is: "skip";
  readonly why: string;
  readonly subject?: string;
  /** The playbook ended before this probe: it has not looked. */
  readonly notReached?: true;
}

export interface FoundVerdict<D = unknown> {
  readonly is: "found";
  readonly reason: string;
  /** What is at fault: an ARM id, a name, or `address:port`. */
  readonly subject: string;
  /** Other things that this finding is about. A cause explains an effect when their subjects or abouts meet. */
  readonly about: readonly string[];
  readonly data: D;
  readonly evidence: readonly Evidence[];
  readonly confidence: Confidence;
  /** What a `likely` finding is inferred from. */
  readonly inferredFrom?: string;
  readonly ruledOut: readonly RuledOut[];
  /** Weaker than the reason says, here: shown, never counted as a cause. */
  readonly as?: "warning";
  /** Faults of one failure id with the same word here have one cause: those that nothing explains are told as one. */
  readonly alike?: string;
}

export interface UnknownVerdict {
  readonly is: "unknown";
  readonly subject?: string;
  readonly reason: string;
  /** The exact ARM action or Kubernetes access that would let it be checked. */
  readonly permission?: string;
  /** The smallest built-in role with that action, and where it was refused. */
  readonly role?: string;
  readonly scope?: string;
  readonly consequence?: string;
  /** Other things that this is about; with the subject they tell which effects a candidate may explain. */
  readonly about?: readonly string[];
  /** The causes that the evidence cannot tell apart, where it says that it is one of them. */
  readonly candidates?: readonly Candidate[];
  /** False when the diagnosis holds without it; true by default: then the verdict cannot be `healthy`. */
  readonly matters: boolean;
}

/** How a judge speaks. */
export interface Say<R extends string = string> {
  pass(summary?: string, more?: { subject?: string; evidence?: readonly Evidence[] }): PassVerdict;
  skip(why: string, subject?: string): SkipVerdict;
  found(
    reason: R,
    what: {
      subject: string;
      about?: readonly string[];
      // The data of a reason is typed where the reason is defined; `found` hands it to that reason's texts.
      data?: unknown;
      evidence: readonly Evidence[];
      confidence?: Confidence;
      inferredFrom?: string;
      ruledOut?: readonly RuledOut[];
      as?: "warning";
      alike?: string;
    },
  ): FoundVerdict;
  /** Something could not be seen. A gap brings its own reason and permission. */
  unknown(
    what: GapObservation | string,
    more?: {
      subject?: string;
      about?: readonly string[];
      permission?: string;
      consequence?: string;
      candidates?: readonly Candidate[];
      matters?: boolean;
    },
  ): UnknownVerdict;
}
