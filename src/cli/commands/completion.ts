import type { Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { powershellCompletion } from "../completion/powershell.ts";
import { shapesOf } from "../completion/shape.ts";
import type { Shell } from "../completion/shells.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { listShipped } from "../shipped.ts";
import type { Terminal } from "../terminal.ts";

const writers = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
} as const satisfies Readonly<Record<Shell, unknown>>;

/** `completion`: a script for the shell, made from the program's own commands and options, failures and playbooks. */
export async function printCompletion(shell: Shell, program: Command, terminal: Terminal): Promise<void> {
  const [failures, playbooks] = await Promise.all([namesIn("docs/failures", ".md"), namesIn("playbooks", ".yaml")]);
  const known = { " explain": failures, " playbooks show": playbooks, "--playbook": playbooks };
  terminal.write(writers[shell](shapesOf(program, known)));
}

async function namesIn(folder: string, ending: string): Promise<readonly string[]> {
  const files = (await listShipped(folder)).filter((file) => file.endsWith(ending));
  return files.map((file) => file.slice(folder.length + 1, -ending.length));
}
