import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { reportSchema, type Report } from "../../src/model/report.ts";

const run = promisify(execFile);

/** The folder of the project. */
export const project = fileURLToPath(new URL("../..", import.meta.url));

/** What a program said and ended with; exit code null when it was killed after 30 seconds. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether this machine lets anyone make a network of their own, with nothing in it but a loopback. */
const namespaces = await run("unshare", ["-rn", "ip", "link", "set", "lo", "up"]).then(
  () => true,
  () => false,
);

/** Runs a program in this folder with nothing of the surroundings' but a home in that folder, and without a network where
 * that can be arranged: the lab needs a loopback alone. */
export async function runAlone(folder: string, program: string, given: readonly string[]): Promise<Ended> {
  const command = namespaces
    ? ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", program, ...given]
    : [program, ...given];
  const [first = program, ...more] = command;
  return new Promise((resolve) => {
    execFile(
      first,
      more,
      {
        cwd: folder,
        env: { PATH: process.env["PATH"] ?? "", HOME: folder },
        timeout: 30_000,
        killSignal: "SIGKILL",
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}

/** A report without what differs from run to run: the time, and the ports of the lab. Throws when it does not follow the
 * schema. */
export function timeless(stdout: string): Omit<Report, "startedAt" | "durationMs"> {
  const {
    startedAt: _startedAt,
    durationMs: _durationMs,
    ...rest
  } = reportSchema.parse(
    JSON.parse(stdout.replace(/("source": ?"Date of an answer of )[^"]*(",\s*"observed": ?")[^"]*"/g, '$1$2"')),
  );
  return rest;
}

/** A new and empty folder outside of the project. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "aml-doctor-packed-"));
}
