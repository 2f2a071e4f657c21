import type { Readable, Writable } from "node:stream";
import { cleanLines } from "../reporters/clean.ts";

/** The process as the commands see it: streams, environment and interruption. */
export interface Terminal {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard output: the report and nothing else. */
  write(text: string): void;
  /** Standard error: messages, one or more lines; made safe for a terminal. */
  tell(text: string): void;
  /** Standard error as it is, for progress. */
  readonly errorStream: Writable & { isTTY?: boolean };
  readonly outputIsTerminal: boolean;
  readonly columns: number | undefined;
  /** Aborted by the first interruption (SIGINT or SIGTERM). */
  readonly interrupted: AbortSignal;
}

/** The parts of `process` that a terminal is made of. */
export interface ProcessStreams {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin?: Readable;
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean };
}

/** The terminal of a process. A reader that goes away (`| head`) is no error: what is left is not written. */
export function createTerminal({ argv, env, stdout, stderr }: ProcessStreams, interrupted: AbortSignal): Terminal {
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    arguments: argv.slice(2),
    environment: env,
    write: (text) => {
      if (stdout.writable) stdout.write(text);
    },
    tell: (text) => {
      if (stderr.writable) stderr.write(`${cleanLines(text).join("\n")}\n`);
    },
    errorStream: stderr,
    outputIsTerminal: stdout.isTTY === true,
    columns: stdout.columns,
    interrupted,
  };
}
