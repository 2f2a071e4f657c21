import type { FoundVerdict, PassVerdict, Say, SkipVerdict, UnknownVerdict, Verdict } from "../model/finding.ts";
import { describeGap, type GapObservation } from "../model/observation.ts";
import type { Probe } from "../model/probe.ts";
import { ownReason } from "./finding.ts";

/** How the judge of one probe speaks, and what tells its verdicts from anything else that a judge might return. */
export interface Speech {
  readonly say: Say;
  /** Whether this value was made by `say`. */
  isVerdict(value: unknown): value is Verdict;
}

/** Speech for one judgement of `probe`. Verdicts are frozen; `found` throws for a reason that the probe does not own. */
export function speechFor(probe: Probe): Speech {
  const made = new WeakSet();
  function verdict<V extends Verdict>(said: V): V {
    const frozen = Object.freeze(said);
    made.add(frozen);
    return frozen;
  }
  const say: Say = {
    pass: (summary, more = {}) =>
      verdict<PassVerdict>({
        is: "pass",
        ...(more.subject === undefined ? {} : { subject: more.subject }),
        ...(summary === undefined ? {} : { summary }),
        evidence: Object.freeze([...(more.evidence ?? [])]),
      }),
    skip: (why, subject) => verdict<SkipVerdict>({ is: "skip", why, ...(subject === undefined ? {} : { subject }) }),
    found: (reason, what) => {
      ownReason(probe, reason);
      return verdict<FoundVerdict>({
        is: "found",
        reason,
        subject: what.subject,
        about: Object.freeze([...(what.about ?? [])]),
        data: what.data,
        evidence: Object.freeze([...what.evidence]),
        confidence: what.confidence ?? (what.inferredFrom === undefined ? "confirmed" : "likely"),
        ...(what.inferredFrom === undefined ? {} : { inferredFrom: what.inferredFrom }),
        ruledOut: Object.freeze([...(what.ruledOut ?? [])]),
        ...(what.as === undefined ? {} : { as: what.as }),
        ...(what.alike === undefined ? {} : { alike: what.alike }),
      });
    },
    unknown: (what, more = {}) => {
      const permission = more.permission ?? permissionOf(what);
      return verdict<UnknownVerdict>({
        is: "unknown",
        ...(more.subject === undefined ? {} : { subject: more.subject }),
        reason: typeof what === "string" ? what : `${what.at}: ${describeGap(what)}`,
        ...(permission === undefined ? {} : { permission }),
        ...(permission === undefined || permission !== permissionOf(what) ? {} : grantOf(what)),
        ...(more.consequence === undefined ? {} : { consequence: more.consequence }),
        ...(more.about === undefined ? {} : { about: Object.freeze([...more.about]) }),
        ...(more.candidates === undefined ? {} : { candidates: Object.freeze([...more.candidates]) }),
        matters: more.matters ?? true,
      });
    },
  };
  return {
    say,
    isVerdict: (value): value is Verdict => typeof value === "object" && value !== null && made.has(value),
  };
}

/** The role that has a refused permission, and the scope at which it was refused, as far as the gap tells. */
function grantOf(what: GapObservation | string): Pick<UnknownVerdict, "role" | "scope"> {
  if (typeof what === "string" || what.gap !== "denied") return {};
  const { role, scope } = what;
  return { ...(role === undefined ? {} : { role }), ...(scope === undefined ? {} : { scope }) };
}

/** The permission that would close a gap; undefined when no permission would. */
export function permissionOf(what: GapObservation | string): string | undefined {
  return typeof what !== "string" && what.gap === "denied" ? what.action : undefined;
}
