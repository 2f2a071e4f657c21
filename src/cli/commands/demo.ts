import { exitCodes } from "../exit-code.ts";
import type { DemoFlags } from "../flags.ts";
import { shipped } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { runDiagnose } from "./diagnose.ts";

/** Seconds; everything is on this machine. */
const deadline = 60;

/** `demo`: diagnoses the estate that ships. That it is broken is what the demo is about, so a report of any verdict is a
 * success. */
export async function runDemo(flags: DemoFlags, terminal: Terminal): Promise<number> {
  const exitCode = await runDiagnose({ ...flags, world: shipped.demoWorld, deadline }, terminal);
  if (exitCode > exitCodes.inconclusive) return exitCode;
  terminal.tell(
    `(A made-up estate, served on this machine. \`diagnose\` would have ended with exit code ${exitCode}.)`,
  );
  return exitCodes.healthy;
}
