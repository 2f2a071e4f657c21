import { expect, it } from "vitest";
import { readmeCommands } from "./readme-commands.ts";

it("reads commands with their line, expectation and reason not to run", () => {
  const markdown = [
    "# Title",
    "```sh",
    "npm ci && npm run demo   # twenty seconds",
    "```",
    "<!-- exit 2 -->",
    "",
    "```sh",
    "$ npm run --silent aml-doctor -- diagnose \\",
    "    --world broken.json",
    "```",
    "<!-- not run: needs an Azure subscription -->",
    "```bash",
    "npx aml-doctor diagnose -w mlw",
    "```",
    "```text",
    "npm run not-a-command",
    "```",
    "```sh",
    "npm test",
    "```",
  ].join("\n");
  expect(readmeCommands(markdown)).toEqual([
    { line: 3, text: "npm ci", exitCode: 0 },
    { line: 3, text: "npm run demo", exitCode: 0 },
    { line: 9, text: "npm run --silent aml-doctor -- diagnose --world broken.json", exitCode: 2 },
    { line: 13, text: "npx aml-doctor diagnose -w mlw", exitCode: 0, notRun: "needs an Azure subscription" },
    { line: 19, text: "npm test", exitCode: 0 },
  ]);
});
