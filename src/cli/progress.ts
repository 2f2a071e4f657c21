import { clean } from "../reporters/clean.ts";
import type { Terminal } from "./terminal.ts";

/** One line on a terminal's standard error that is written over; nothing anywhere else. */
export interface Progress {
  show(text: string): void;
  /** Takes the line away. */
  clear(): void;
}

const clearLine = "\r\u001b[2K";

/** Progress on this terminal. Silent when standard error is no terminal, or a log is written there. */
export function createProgress(terminal: Terminal): Progress {
  if (terminal.errorStream.isTTY !== true || terminal.environment["TERM"] === "dumb")
    return { show: () => undefined, clear: () => undefined };
  const width = Math.max((terminal.columns ?? 80) - 1, 20);
  return {
    show: (text) => void terminal.errorStream.write(`${clearLine}${Array.from(clean(text)).slice(0, width).join("")}`),
    clear: () => void terminal.errorStream.write(clearLine),
  };
}
