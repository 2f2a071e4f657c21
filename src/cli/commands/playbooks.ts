import { usageError } from "../errors.ts";
import { readKnowledge } from "../knowledge.ts";
import { clean } from "../../reporters/clean.ts";
import type { Terminal } from "../terminal.ts";

/** `playbooks list`: one line for each playbook. */
export async function listPlaybooks({ playbooks: folder }: { playbooks?: string }, terminal: Terminal): Promise<void> {
  const { playbooks } = await readKnowledge(folder);
  const width = Math.max(0, ...playbooks.map((playbook) => playbook.id.length));
  for (const { id, symptom } of playbooks) terminal.write(`${id.padEnd(width)}  ${clean(symptom)}\n`);
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
