import { createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** What `--help` prints, 80 columns wide. It is kept in a file, so that help needs no program: see start.js. */
export function programHelp(): string {
  const texts: string[] = [];
  const paper: Pick<Terminal, "write" | "tell"> = { write: (text) => void texts.push(text), tell: () => undefined };
  createProgram(paper as Terminal, () => undefined)
    .configureOutput({ getOutHelpWidth: () => 80 })
    .outputHelp();
  return texts.join("");
}
