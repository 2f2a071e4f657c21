import { PassThrough } from "node:stream";
import { runCommandLine } from "../src/cli/command-line.ts";

const begin = "<!-- demo: what follows is made by `npm run generate` -->";
const end = "<!-- /demo -->";

/**
 * The README with what `demo` prints today between its markers: the report up to its second root cause, and the last
 * line. How long the run took is left out, since it is another each time. Throws when the markers are missing or the demo
 * fails.
 */
export async function withDemo(readme: string): Promise<string> {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error("README.md has lost the markers of the demo's output");
  const output = excerpt(await demoOutput());
  return `${readme.slice(0, from)}${begin}\n\n\`\`\`text\n${output}\n\`\`\`\n\n${readme.slice(to)}`;
}

async function demoOutput(): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const streams = { argv: ["node", "aml-doctor", "demo"], env: {}, stdout, stderr };
  const exitCode = await runCommandLine(streams, AbortSignal.timeout(60_000));
  if (exitCode !== 0) throw new Error(`the demo ended with ${exitCode}: ${String(stderr.read() ?? "")}`);
  return String(stdout.read() ?? "");
}

function excerpt(output: string): string {
  const lines = output
    .trimEnd()
    .replace(/\s+·\s+[\d.]+ s$/, "")
    .split("\n");
  const second = lines.findIndex((line) => line.startsWith("2. "));
  // The last paragraph counts what was checked.
  const last = lines.lastIndexOf("");
  return (second < 0 ? lines : [...lines.slice(0, second), "…", ...lines.slice(last)]).join("\n");
}
