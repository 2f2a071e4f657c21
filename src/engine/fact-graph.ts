import type { Fact, Needs } from "../model/fact.ts";

/** How one need is to be handed over. */
export interface NeedEntry {
  readonly name: string;
  readonly mode: "plain" | "maybe" | "raw";
  readonly fact: Fact<unknown>;
}

/** The needs of a fact or probe, in the order in which they were written. */
export function needsOf(needs: Needs): NeedEntry[] {
  return Object.entries(needs).map(([name, need]) =>
    "mode" in need ? { name, mode: need.mode, fact: need.fact } : { name, mode: "plain", fact: need },
  );
}

/** All facts that `needs` reach, each before the facts that need it. Throws an `Error` when facts need each other in a
 * circle, or when two different facts share a key: one would silently be handed the other's value. */
export function factsOf(needs: readonly Needs[]): Fact<unknown>[] {
  const done = new Map<string, Fact<unknown>>();
  const path: string[] = [];
  const visit = (fact: Fact<unknown>): void => {
    const known = done.get(fact.key);
    if (known === fact) return;
    if (known !== undefined) throw new Error(`two facts have the key ${fact.key}`);
    if (path.includes(fact.key)) throw new Error(`facts need each other: ${[...path, fact.key].join(" → ")}`);
    path.push(fact.key);
    for (const need of needsOf(fact.needs)) visit(need.fact);
    path.pop();
    done.set(fact.key, fact);
  };
  for (const of of needs) for (const need of needsOf(of)) visit(need.fact);
  return [...done.values()];
}
