import { CommanderError } from "commander";
import { CliError, messageOf } from "./errors.ts";
import { exitCodes } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { createTerminal, type ProcessStreams, type Terminal } from "./terminal.ts";

/** Runs one command line to its end and gives the exit code. Never throws. */
export async function runCommandLine(streams: ProcessStreams, interrupted: AbortSignal): Promise<number> {
  const terminal = createTerminal(streams, interrupted);
  const ended = { exitCode: 0 };
  try {
    await createProgram(terminal, (exitCode) => (ended.exitCode = exitCode)).parseAsync(terminal.arguments, {
      from: "user",
    });
    return ended.exitCode;
  } catch (error) {
    return explain(error, terminal);
  }
}

function explain(error: unknown, terminal: Terminal): number {
  // Commander has told its own part already: help, the version, or what is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.healthy : exitCodes.usage;
  if (error instanceof CliError) {
    terminal.tell(`aml-doctor: ${error.message}`);
    if (error.hint !== undefined) terminal.tell(error.hint);
    return error.exitCode;
  }
  terminal.tell(`aml-doctor: this is a bug of ours: ${messageOf(error)}`);
  if (wantsDebug(terminal.arguments)) terminal.tell(error instanceof Error ? (error.stack ?? "") : "");
  else
    terminal.tell(
      "With --log-level debug it says where. Report it with that output, after a look for names you want to keep.",
    );
  return exitCodes.bug;
}

function wantsDebug(given: readonly string[]): boolean {
  return given.some(
    (argument, index) =>
      /^--log-level=(debug|trace)$/.test(argument) ||
      (argument === "--log-level" && /^(debug|trace)$/.test(given[index + 1] ?? "")),
  );
}
