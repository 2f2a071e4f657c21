import { fileURLToPath } from "node:url";
import { loadPlaybooks } from "../../playbooks/runner.ts";
import { planOf } from "../../src/engine/plan.ts";
import { loadProbes } from "../../src/engine/registry.ts";
import type { Playbook } from "../../src/model/playbook.ts";

/** The checks and playbooks that ship. */
export const probes = await loadProbes(new URL("../../probes/", import.meta.url));
export const playbooks = await loadPlaybooks([fileURLToPath(new URL("../../playbooks/", import.meta.url))], probes);

/** The playbooks for a symptom: all but the one that looks at everything. */
export const symptomPlaybooks = playbooks.filter(({ id }) => id !== "everything");

/** The failure ids that following a playbook can find: those of its steps, and those that can cause them. */
export function reachable(playbook: Playbook): ReadonlySet<string> {
  return new Set(
    planOf(playbook, probes).flatMap((step) => step.probes.flatMap(({ reasons }) => Object.keys(reasons))),
  );
}
