import { asGood, clearBest, findPlaybook } from "../../playbooks/runner.ts";
import type { Playbook } from "../model/playbook.ts";
import { usageError } from "./errors.ts";
import type { DiagnoseFlags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** The playbook that looks at everything. */
const broadest = "everything";

/** The playbook that was named, else the one that fits the symptom best, else the one that looks at everything: also where
 * it is not clear which fits, and those that may are named. Throws a usage error for a name that is not there. */
export function choosePlaybook(
  flags: Pick<DiagnoseFlags, "playbook" | "symptom">,
  playbooks: readonly Playbook[],
  terminal: Terminal,
): Playbook {
  if (flags.playbook !== undefined) return named(flags.playbook, playbooks);
  if (flags.symptom === undefined) return named(broadest, playbooks);
  const candidates = findPlaybook(playbooks, flags.symptom);
  const best = clearBest(candidates);
  if (best !== undefined) {
    terminal.tell(
      `Following the playbook ${best.playbook.id} (for "${best.matched}"): ${best.playbook.symptom}. Without --symptom, everything is looked at.`,
    );
    return best.playbook;
  }
  terminal.tell(
    candidates.length === 0
      ? "No playbook is about this symptom; looking at everything."
      : `It is not clear which playbook is about this symptom; looking at everything. To follow one, name it with --playbook: ${asGood(
          candidates,
        )
          .map(({ playbook }) => playbook.id)
          .join(", ")}.`,
  );
  return named(broadest, playbooks);
}

function named(id: string, playbooks: readonly Playbook[]): Playbook {
  const found = playbooks.find((playbook) => playbook.id === id);
  if (found === undefined)
    throw usageError(
      `there is no playbook "${id}"`,
      `There are: ${playbooks.map((playbook) => playbook.id).join(", ")}.`,
    );
  return found;
}
