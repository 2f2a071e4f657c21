import type { View } from "../reporters/page.ts";
import { showsUnicode } from "./characters.ts";
import type { Terminal } from "./terminal.ts";

/** Options that shape a text report. */
export interface ViewOptions {
  readonly verbose?: boolean;
  readonly explain?: boolean;
  readonly ascii?: boolean;
  /** False for `--no-color`. */
  readonly color: boolean;
}

/** The widest page that reads well, also on a wide terminal. */
const widest = 80;

/** How a text report is shown on this terminal. Colour needs a terminal and no objection: `--no-color`, NO_COLOR
 * (https://no-color.org) or TERM=dumb. */
export function viewOf(options: ViewOptions, terminal: Terminal): View {
  const { NO_COLOR: noColor, TERM: term } = terminal.environment;
  const refused = !options.color || (noColor !== undefined && noColor !== "") || term === "dumb";
  return {
    color: terminal.outputIsTerminal && !refused,
    // What goes to a file or a pipe is UTF-8.
    ascii: options.ascii ?? (terminal.outputIsTerminal && !showsUnicode(terminal.environment)),
    verbose: options.verbose ?? false,
    explain: options.explain ?? false,
    columns: Math.min(Math.max(terminal.columns ?? widest, 40), widest),
  };
}
