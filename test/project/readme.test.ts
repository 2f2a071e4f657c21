import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createProgram } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { readmeCommands, type ReadmeCommand } from "./readme-commands.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const commands = readmeCommands(readFileSync(path.join(project, "README.md"), "utf8"));
const manifest = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(project, "package.json"), "utf8")));

/** Commands of npm itself, and of the tests that are running at this moment. */
const notHere = /^(npm (ci|test|install)|npm run (--silent )?test(:unit)?|git |cd )\b/;
const ours = /^(npm run |npx aml-doctor|npx --no-install aml-doctor)/;

const runnable = commands.filter(
  (command) => command.notRun === undefined && ours.test(command.text) && !notHere.test(command.text),
);

/** Commands of ours that are not run here; that they say what the program understands can be seen all the same. */
const program = /^(?:npm run --silent aml-doctor -- |aml-doctor )/;
const needAzure = commands.filter((command) => command.notRun !== undefined && program.test(command.text));

describe("README.md", () => {
  it("tells how to see the tool work, and how to test it", () => {
    const texts = commands.map((command) => command.text);
    expect(texts).toEqual(expect.arrayContaining(["npm ci", "npm run demo", "npm test"]));
  });

  it("names package scripts that exist", () => {
    const named = commands.flatMap((command) => scriptOf(command.text) ?? []);
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it.each(needAzure)("line $line is understood: $text", async ({ text }) => {
    const told: string[] = [];
    const paper = { write: () => undefined, tell: (line: string) => void told.push(line) };
    const ours = createProgram(paper as unknown as Terminal, () => undefined);
    for (const command of ours.commands) command.action(() => undefined);
    await ours.parseAsync(wordsOf(text), { from: "user" });
    expect(told).toEqual([]);
  });

  it.each(runnable)("line $line: $text", { timeout: 60_000 }, async (command) => {
    const ended = await run(command);
    const told = `README.md:${command.line} \`${command.text}\` exited with ${ended.exitCode}. A block whose command
does not end with 0 says so in a comment above it: <!-- exit ${ended.exitCode} -->; one that needs Azure says
<!-- not run: why -->.\n${ended.output}`;
    expect(ended.exitCode, told).toBe(command.exitCode);
    if (ended.exitCode === 0) expect(ended.output, "npm reports a failure").not.toContain("npm error");
  });
});

/** What a command of ours gets as its arguments, as a shell takes it apart. */
function wordsOf(text: string): string[] {
  const given = text.replace(program, "").replace(/ > \S+$/, "");
  return [...given.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

/** The package script that a command runs. */
function scriptOf(text: string): string | undefined {
  if (/^npm test\b/.test(text)) return "test";
  return /^npm run (?:--?\S+ )*([\w:-]+)/.exec(text)?.[1];
}

/** Runs the command as a reader would, in a shell, from the project; a command that hangs ends with code -1. */
async function run(command: ReadmeCommand): Promise<{ exitCode: number; output: string }> {
  const [shell, flag] = process.platform === "win32" ? ["cmd.exe", "/c"] : ["/bin/sh", "-c"];
  // What npm and vitest set for this very run would not be set at a reader's prompt.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$)/.test(name)),
  );
  return new Promise((resolve) => {
    execFile(
      shell,
      [flag, command.text],
      { cwd: project, env: environment, timeout: 50_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ exitCode, output: `${stdout}${stderr}` });
      },
    );
  });
}
