import { exitCodes } from "./exit-code.ts";

/** An end of the program that is explained to the user: what, why, and how to go on. It never shows a stack. */
export class CliError extends Error {
  readonly exitCode: number;
  /** How to go on. */
  readonly hint: string | undefined;

  constructor(exitCode: number, message: string, hint?: string) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** The command line asks for something that cannot be: exit code 64. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(exitCodes.usage, message, hint);
}

/** Something we were pointed at cannot be used: exit code 65. */
export function inputError(message: string, hint?: string): CliError {
  return new CliError(exitCodes.input, message, hint);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const fileFaults: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
};

/** The error for a file that could not be read, such as `--world x.json: there is no such file`. */
export function fileError(what: string, file: string, error: unknown): CliError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return inputError(`${what} ${file}: ${fileFaults[code] ?? messageOf(error)}`);
}
