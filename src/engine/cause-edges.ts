import type { Reason } from "../model/probe.ts";

/** One thing that can cause a failure, and how far apart the two may stand. */
export interface KnownCause {
  readonly reason: string;
  /** `same`: the two are about the same thing. */
  readonly scope: "same" | "anywhere";
}

/** The causes that a reason names, written out. */
export function causesOfReason(reason: Reason | undefined): KnownCause[] {
  return (reason?.causedBy ?? []).map((cause) =>
    typeof cause === "string" ? { reason: cause, scope: "same" } : { reason: cause.reason, scope: cause.scope },
  );
}
