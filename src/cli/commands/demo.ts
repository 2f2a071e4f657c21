import { parseWorld } from "../../lab/world.ts";
import { exitCodes } from "../exit-code.ts";
import type { DemoFlags } from "../flags.ts";
import { readShipped } from "../shipped.ts";
import type { Terminal } from "../terminal.ts";
import { runDiagnose } from "./diagnose.ts";

const demoWorld = "src/lab/demo-world.json";
/** Seconds; everything is on this machine. */
const deadline = 60;

/** `demo`: diagnoses the estate that ships. That it is broken is what the demo is about, so a report of any verdict is a
 * success. */
export async function runDemo(flags: DemoFlags, terminal: Terminal): Promise<number> {
  const text = await readShipped(demoWorld);
  if (text === undefined) throw new Error(`${demoWorld} does not ship`);
  const exitCode = await runDiagnose({ ...flags, deadline }, terminal, { world: parseWorld(text, demoWorld) });
  if (exitCode > exitCodes.inconclusive) return exitCode;
  terminal.tell(
    `(A made-up estate, served on this machine. \`diagnose\` would have ended with exit code ${exitCode}.)`,
  );
  return exitCodes.healthy;
}
