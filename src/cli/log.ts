import type { Terminal } from "./terminal.ts";
import type { DemoFlags } from "./flags.ts";

/** Where events are told: fields first, then the event. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, event: string): void;
  info(fields: Readonly<Record<string, unknown>>, event: string): void;
  warn(fields: Readonly<Record<string, unknown>>, event: string): void;
  error(fields: Readonly<Record<string, unknown>>, event: string): void;
}

/** Members that hold a secret wherever they turn up. Whoever logs leaves them out; this is for the day someone forgets. */
const secrets = ["authorization", "token", "password", "secret", "body", "key"];

/** A log on standard error, one JSON object in a line. */
export async function createLog(level: DemoFlags["logLevel"], terminal: Terminal): Promise<Log> {
  const { pino } = await import("pino");
  const log: Log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[removed]" },
    },
    terminal.errorStream,
  );
  return log;
}
