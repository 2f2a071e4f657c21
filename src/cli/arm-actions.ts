import { factsOf } from "../engine/fact-graph.ts";
import type { Probe } from "../model/probe.ts";

/** An ARM action and who needs it. */
export interface NeededAction {
  /** As role definitions spell it: `Microsoft.Network/privateDnsZones/read`. */
  readonly action: string;
  /** Areas of the checks that look at what it shows: `dns`, `network`, … */
  readonly areas: readonly string[];
}

/** The ARM actions that the facts of these checks use, each once, sorted. The checks' own declarations are the source: a
 * test holds them to what really reaches Resource Manager. */
export function neededActions(probes: readonly Probe[]): readonly NeededAction[] {
  const areasByAction = new Map<string, Set<string>>();
  for (const probe of probes) {
    const area = probe.id.split("/")[0] ?? probe.id;
    for (const action of factsOf([probe.needs]).flatMap(({ reads }) => reads)) {
      const areas = areasByAction.get(action) ?? new Set();
      areasByAction.set(action, areas.add(area));
    }
  }
  return [...areasByAction]
    .map(([action, areas]) => ({ action, areas: [...areas].sort() }))
    .sort((a, b) => (a.action < b.action ? -1 : 1));
}
