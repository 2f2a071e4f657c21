import { clearBest, findPlaybook, type Candidate } from "../../../playbooks/runner.ts";
import { usageError } from "../errors.ts";
import { readKnowledge } from "../knowledge.ts";
import { clean } from "../../reporters/clean.ts";
import type { Terminal } from "../terminal.ts";

/** The options of `playbooks list`. */
export interface ListFlags {
  readonly playbooks?: string;
  readonly symptom?: string;
}

/** `playbooks list`: one line for each playbook; with a symptom, those that may be about it, and why. */
export async function listPlaybooks({ playbooks: folder, symptom }: ListFlags, terminal: Terminal): Promise<void> {
  const { playbooks } = await readKnowledge(folder);
  if (symptom !== undefined) {
    listCandidates(findPlaybook(playbooks, symptom), terminal);
    return;
  }
  const width = Math.max(0, ...playbooks.map((playbook) => playbook.id.length));
  for (const { id, symptom: about } of playbooks) terminal.write(`${id.padEnd(width)}  ${clean(about)}\n`);
}

/** More than these are no help to whoever looks for one. */
const mostCandidates = 5;

function listCandidates(candidates: readonly Candidate[], terminal: Terminal): void {
  const shown = candidates.slice(0, mostCandidates);
  if (shown.length === 0) {
    terminal.tell("No playbook is about this symptom; `aml-doctor diagnose` without one looks at everything.");
    return;
  }
  for (const { playbook, score, matched } of shown) {
    const why = score > 1 ? "the message holds" : "words in common";
    terminal.write(`${playbook.id}\n  ${clean(playbook.symptom)}\n  ${why}: ${clean(matched)}\n`);
  }
  const best = clearBest(candidates);
  terminal.write(
    best === undefined
      ? `\nThe symptom does not say which: \`diagnose --symptom\` looks at everything, --playbook follows one of them.\n`
      : `\n\`diagnose --symptom\` follows ${best.playbook.id}.\n`,
  );
}

/** `playbooks show`: the steps of one. Throws a usage error for an unknown id. */
export async function showPlaybook(
  id: string,
  { playbooks: folder }: { playbooks?: string },
  terminal: Terminal,
): Promise<void> {
  const playbook = (await readKnowledge(folder)).playbooks.find((known) => known.id === id);
  if (playbook === undefined) throw usageError(`there is no playbook "${id}"`, "`aml-doctor playbooks` lists them.");
  const lines = [playbook.id, `  ${playbook.symptom}`];
  playbook.steps.forEach(({ probe, because, on }, index) => {
    const stops = Object.entries(on ?? {}).flatMap(([status, then]) => (then === "stop" ? [status] : []));
    lines.push(
      "",
      `  ${index + 1}. ${probe}`,
      `     ${because}`,
      ...(stops.length === 0 ? [] : [`     Ends here on: ${stops.join(", ")}`]),
    );
  });
  if ((playbook.errors ?? []).length > 0)
    lines.push("", "  Error messages that lead here", ...(playbook.errors ?? []).map((text) => `    ${text}`));
  if (playbook.docs.length > 0) lines.push("", ...playbook.docs.map((url) => `  Read ${url}`));
  terminal.write(`${lines.map(clean).join("\n")}\n`);
}
