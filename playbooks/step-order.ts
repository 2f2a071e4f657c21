import type { Step } from "../src/model/playbook.ts";
import type { Registry } from "../src/engine/registry.ts";

/**
 * The first step that stands before one which can cause what it finds; undefined when there is none. Two steps that can
 * each cause a failure of the other may stand in either order. A probe counts at the first step that means it.
 */
export function checkOrder(steps: readonly Step[], registry: Registry): { index: number; why: string } | undefined {
  const seen = new Set<string>();
  const reasonsOf = steps.map((step) =>
    registry.probesOf(step.probe).flatMap((probe) => {
      if (seen.has(probe.id)) return [];
      seen.add(probe.id);
      return Object.keys(probe.reasons);
    }),
  );
  const link = (
    causes: readonly string[],
    effects: readonly string[],
  ): { cause: string; effect: string } | undefined => {
    for (const effect of effects) {
      const all = registry.allCausesOf(effect);
      const cause = causes.find((reason) => all.has(reason));
      if (cause !== undefined) return { cause, effect };
    }
    return undefined;
  };
  for (const [index, early] of reasonsOf.entries()) {
    for (const [later, late] of reasonsOf.entries()) {
      if (later <= index) continue;
      const found = link(late, early);
      if (found === undefined || link(early, late) !== undefined) continue;
      return {
        index,
        why: `${found.cause}, of step ${later + 1} (${steps[later]?.probe}), can cause ${found.effect}; that step must come first`,
      };
    }
  }
  return undefined;
}
