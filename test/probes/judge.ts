import { speechFor } from "../../src/engine/say.ts";
import type { Verdict } from "../../src/model/finding.ts";
import type { Probe } from "../../src/model/probe.ts";

/** What a probe says of these facts, as a list. */
export function judgeWith(probe: Probe, facts: Readonly<Record<string, unknown>>): readonly Verdict[] {
  const said = probe.judge(facts, speechFor(probe).say);
  return Array.isArray(said) ? (said as readonly Verdict[]) : [said as Verdict];
}
