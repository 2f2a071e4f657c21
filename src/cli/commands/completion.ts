import type { Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { powershellCompletion } from "../completion/powershell.ts";
import { shapesOf } from "../completion/shape.ts";
import type { Shell } from "../completion/shells.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Terminal } from "../terminal.ts";

const writers = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
} as const satisfies Readonly<Record<Shell, unknown>>;

/** `completion`: a script for the shell, made from the program's own commands and options. */
export function printCompletion(shell: Shell, program: Command, terminal: Terminal): void {
  terminal.write(writers[shell](shapesOf(program)));
}
