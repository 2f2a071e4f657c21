import { describeGap, type GapObservation } from "../model/observation.ts";
import type { Verdict } from "../model/finding.ts";
import type { Probe } from "../model/probe.ts";
import { needsOf } from "./fact-graph.ts";
import { findingOf, type Finding } from "./finding.ts";
import { messageOf, type EngineLog } from "./log.ts";
import { handOver } from "./needs.ts";
import { permissionOf, speechFor, type Speech } from "./say.ts";
import type { Store } from "./store.ts";

/**
 * What one probe has to say. Never rejects and never returns nothing:
 * a needed thing that does not exist makes it skipped, a gap in what it needs makes it unknown (once for each distinct
 * gap), and a judge that throws makes it unknown, because then we know no more than before.
 */
export async function evaluate(probe: Probe, store: Store, log?: EngineLog): Promise<Finding[]> {
  const speech = speechFor(probe);
  const handed = await handOver(needsOf(probe.needs), (fact) => store.observe(fact));
  switch (handed.is) {
    case "absent":
      return [findingOf(probe, speech.say.skip(`there is no ${handed.fact.key}`))];
    case "gaps":
      return distinct(handed.gaps).map((gap) => findingOf(probe, speech.say.unknown(gap)));
    case "ready":
      return judged(probe, handed.facts, speech, log);
  }
}

function judged(
  probe: Probe,
  facts: Readonly<Record<string, unknown>>,
  speech: Speech,
  log: EngineLog | undefined,
): Finding[] {
  try {
    const verdicts = asVerdicts(probe.judge(facts, speech.say), speech);
    if (verdicts.length === 0) return [findingOf(probe, speech.say.skip("there was nothing to look at"))];
    return verdicts.map((verdict) => findingOf(probe, verdict));
  } catch (thrown) {
    log?.error({ probe: probe.id, err: thrown }, "probe threw");
    return [findingOf(probe, speech.say.unknown(`the probe failed: ${messageOf(thrown)}`))];
  }
}

/** A judge that forgot to return, or that is asynchronous by mistake, must not pass for one that found nothing. */
function asVerdicts(returned: unknown, speech: Speech): Verdict[] {
  const verdicts: unknown[] = Array.isArray(returned) ? returned : [returned];
  return verdicts.map((verdict) => {
    if (!speech.isVerdict(verdict)) throw new Error("the judge returned something that `say` did not make");
    return verdict;
  });
}

/** Several facts can meet the same gap: the look-up that all of them need. */
function distinct(gaps: readonly GapObservation[]): GapObservation[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify([gap.at, describeGap(gap), permissionOf(gap)]), gap])).values()];
}
