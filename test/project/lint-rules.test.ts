import { ESLint } from "eslint";
import path from "node:path";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";

const project = fileURLToPath(new URL("../..", import.meta.url));

// Rules that need types are left out: the planted files do not exist, and these rules are about layers, not types.
const linter = new ESLint({
  cwd: project,
  overrideConfig: [
    { ...tseslint.configs.disableTypeChecked, languageOptions: { parserOptions: { projectService: false } } },
  ],
});

async function rulesBroken(file: string, text: string): Promise<string[]> {
  const [result] = await linter.lintText(text, { filePath: path.join(project, file) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

describe("the linter knows the layers", () => {
  it.each([
    ["src/engine/planted.ts", "process.exitCode = 1;", "no-restricted-globals"],
    ["src/azure/planted.ts", "globalThis.process.exit(0);", "no-restricted-properties"],
    ["src/net/planted.ts", 'import { env } from "node:process";\nexport { env };', "no-restricted-imports"],
    ["src/lab/planted.ts", 'console.log("up");', "no-restricted-globals"],
    ["src/index.ts", 'console.log("hello");', "no-restricted-globals"],
    ["src/model/planted.ts", "export const now = Date.now();", "no-restricted-properties"],
    ["src/reporters/planted.ts", "export const now = new Date();", "no-restricted-syntax"],
    ["src/facts/planted.ts", 'export const page = fetch("https://example.com");', "no-restricted-globals"],
    ["playbooks/planted.ts", 'console.log("step");', "no-restricted-globals"],
    ["probes/dns/planted.ts", 'export const page = fetch("https://example.com");', "no-restricted-globals"],
    ["probes/dns/planted.ts", "export const now = new Date();", "no-restricted-syntax"],
    ["probes/dns/planted.ts", "export const judge = async (): Promise<void> => {};", "no-restricted-syntax"],
  ])("%s may not say: %s", async (file, text, rule) => {
    expect(await rulesBroken(file, text)).toContain(rule);
  });

  it.each([
    ["src/cli/planted.ts", "process.exitCode = 1;\nconsole.log(Date.now());"],
    ["scripts/planted.ts", 'console.log("done");'],
    ["src/reporters/planted.ts", "export const then = new Date(0);"],
    ["src/azure/planted.ts", "export const startedAtMs = Date.now();"],
  ])("%s may say: %s", async (file, text) => {
    expect(await rulesBroken(file, text)).toEqual([]);
  });
});
