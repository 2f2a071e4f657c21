/** A command that the README tells its reader to run. */
export interface ReadmeCommand {
  /** Line in the README, from 1. */
  readonly line: number;
  readonly text: string;
  /** From a comment above the block, `<!-- exit 2 -->`; 0 without one. */
  readonly exitCode: number;
  /** From a comment above the block, `<!-- not run: needs an Azure subscription -->`. */
  readonly notRun?: string;
}

/** The commands of all fenced `sh` blocks, one for each line, `&&` and continued line taken into account. */
export function readmeCommands(markdown: string): ReadmeCommand[] {
  const lines = markdown.split(/\r?\n/);
  const commands: ReadmeCommand[] = [];
  let fenced = false;
  let shell = false;
  let pending = "";
  let comment = "";
  for (const [index, line] of lines.entries()) {
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      shell = fenced && /^\s*```(sh|bash|shell)\b/.test(line);
      if (!fenced) comment = "";
    } else if (!fenced) {
      // A comment counts for the block right below it.
      if (line.trim() !== "") comment = line;
    } else if (shell) {
      const text = `${pending}${line.trim()}`;
      pending = text.endsWith("\\") ? `${text.slice(0, -1).trim()} ` : "";
      if (pending === "") commands.push(...commandsOf(text, index + 1, comment));
    }
  }
  return commands;
}

function commandsOf(text: string, line: number, comment: string): ReadmeCommand[] {
  const bare = text
    .replace(/^\$ /, "")
    .replace(/(^|\s)#.*$/, "")
    .trim();
  const exitCode = Number(/<!--\s*exit (\d+)\s*-->/.exec(comment)?.[1] ?? 0);
  const notRun = /<!--\s*not run: (.+?)\s*-->/.exec(comment)?.[1];
  return bare
    .split(/\s*&&\s*/)
    .filter((part) => part !== "")
    .map((part, index, parts) => ({
      line,
      text: part,
      // The code is that of the whole line, so of its last part: the ones before must succeed.
      exitCode: index === parts.length - 1 ? exitCode : 0,
      ...(notRun === undefined ? {} : { notRun }),
    }));
}
