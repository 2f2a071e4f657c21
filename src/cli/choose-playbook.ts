import { findPlaybook } from "../../playbooks/runner.ts";
import type { Playbook } from "../model/playbook.ts";
import { usageError } from "./errors.ts";
import type { DiagnoseFlags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** The playbook that looks at everything. */
const broadest = "everything";

/** The playbook that was named, else the one that fits the symptom best, else the one that looks at everything. Throws a
 * usage error for a name that is not there. */
export function choosePlaybook(
  flags: Pick<DiagnoseFlags, "playbook" | "symptom">,
  playbooks: readonly Playbook[],
  terminal: Terminal,
): Playbook {
  if (flags.playbook !== undefined) return named(flags.playbook, playbooks);
  if (flags.symptom === undefined) return named(broadest, playbooks);
  const best = findPlaybook(playbooks, flags.symptom)[0];
  if (best === undefined) {
    terminal.tell(`No playbook is about "${flags.symptom}"; looking at everything.`);
    return named(broadest, playbooks);
  }
  terminal.tell(`Following the playbook ${best.playbook.id}: ${best.playbook.symptom}`);
  return best.playbook;
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
