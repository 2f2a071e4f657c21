#!/usr/bin/env node
import { runCommandLine } from "./command-line.ts";

// The way in: everything heavy is loaded by the command that needs it.
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The first one ends the run and prints what is known; whoever asks twice wants out.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort(new Error("interrupted"));
  });
}
// Not awaited here: the packaged program is a script, and a script has no top-level await.
void runCommandLine(process, interruption.signal).then((exitCode) => {
  process.exitCode = exitCode;
  // A connection that nobody closed must not keep the process; one that is closing gets its time.
  setTimeout(() => process.exit(), 1000).unref();
});
