import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const start = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** What a run of the program left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a shell would, without the surroundings' Azure settings. `whileRunning` may signal it, or close
 * its output. A program that hangs is killed, and ends with code null. */
export async function amlDoctor(
  given: readonly string[],
  options: {
    environment?: Record<string, string>;
    byMain?: boolean;
    whileRunning?: (child: ReturnType<typeof spawn>) => void;
  } = {},
): Promise<Ended> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AZURE|NO_COLOR|FORCE_COLOR|HTTPS?_PROXY|NODE_OPTIONS)/i.test(name),
  );
  const child = spawn(process.execPath, [options.byMain === true ? main : start, ...given], {
    env: { ...Object.fromEntries(kept), AZURE_CONFIG_DIR: "/nonexistent", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killer = setTimeout(() => child.kill("SIGKILL"), 18_000);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  options.whileRunning?.(child);
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(killer);
  return { exitCode, stdout, stderr };
}
