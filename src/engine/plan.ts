import type { Playbook, Step } from "../model/playbook.ts";
import type { Probe } from "../model/probe.ts";
import { RegistryError, type Registry } from "./create-registry.ts";

/** One step of a playbook and the probes that are judged in it, in order. */
export interface PlannedStep {
  readonly step: Step;
  readonly probes: readonly Probe[];
  /** The probes that the step itself means, those of earlier steps included: only these can stop the run. */
  readonly meant: ReadonlySet<Probe>;
}

/**
 * Each probe once, at the first step that means it. A probe that can cause what a step finds, and that no step names, is
 * judged in that step, before the probes which it explains: without it an effect would be told as a root cause. Throws
 * `RegistryError` when a step means no probe, because a run that asks nothing would pass for a healthy one.
 */
export function planOf(playbook: Playbook, registry: Registry): PlannedStep[] {
  const meantBy = playbook.steps.map((step) => {
    const meant = new Set(registry.probesOf(step.probe));
    if (meant.size === 0) throw new RegistryError(`playbook ${playbook.id}: there is no probe ${step.probe}`);
    return { step, meant };
  });
  const named = new Set(meantBy.flatMap(({ meant }) => [...meant]));
  const planned = new Set<Probe>();
  return meantBy.map(({ step, meant }) => {
    const causing = [...meant].flatMap((probe) => causingProbes(probe, registry)).filter((probe) => !named.has(probe));
    const here = new Set([...meant, ...causing].filter((probe) => !planned.has(probe)));
    for (const probe of here) planned.add(probe);
    // The registry's order has causes before effects.
    return { step, meant, probes: registry.probes.filter((probe) => here.has(probe)) };
  });
}

function causingProbes(probe: Probe, registry: Registry): Probe[] {
  return Object.keys(probe.reasons).flatMap((reason) =>
    [...registry.allCausesOf(reason)].flatMap((cause) => registry.probeOfReason(cause) ?? []),
  );
}
