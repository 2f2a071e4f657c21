import type { Fact } from "../model/fact.ts";
import type { GapObservation, Observation } from "../model/observation.ts";
import type { NeedEntry } from "./fact-graph.ts";

/** What came of the needs of a fact or probe. */
export type Handed =
  | { readonly is: "ready"; readonly facts: Readonly<Record<string, unknown>> }
  /** A thing that is needed does not exist. */
  | { readonly is: "absent"; readonly fact: Fact<unknown> }
  | { readonly is: "gaps"; readonly gaps: readonly GapObservation[] };

/**
 * Looks up all needs at the same time and hands each over as its mode wants it. That a needed thing does not exist
 * counts before a gap: it decides the question whatever the gap hides.
 */
export async function handOver(
  needs: readonly NeedEntry[],
  observe: (fact: Fact<unknown>) => Promise<Observation<unknown>>,
): Promise<Handed> {
  const observed = await Promise.all(needs.map(async (need) => ({ need, observation: await observe(need.fact) })));
  const facts: Record<string, unknown> = {};
  const gaps: GapObservation[] = [];
  for (const { need, observation } of observed) {
    if (need.mode === "raw") facts[need.name] = observation;
    else if (observation.is === "gap") gaps.push(observation);
    else if (observation.is === "value") facts[need.name] = observation.value;
    else if (need.mode === "plain") return { is: "absent", fact: need.fact };
    else facts[need.name] = undefined;
  }
  return gaps.length > 0 ? { is: "gaps", gaps } : { is: "ready", facts };
}
