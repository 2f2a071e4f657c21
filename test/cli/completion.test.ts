import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { shapesOf } from "../../src/cli/completion/shape.ts";
import { shells, type Shell } from "../../src/cli/completion/shells.ts";
import { printCompletion } from "../../src/cli/commands/completion.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

const program = createProgram(
  { write: () => undefined, tell: () => undefined } as unknown as Terminal,
  () => undefined,
);
const folder = mkdtempSync(path.join(tmpdir(), "aml-doctor-completion-"));

function script(shell: Shell): { readonly text: string; readonly file: string } {
  const texts: string[] = [];
  printCompletion(shell, program, { write: (text: string) => void texts.push(text) } as unknown as Terminal);
  const file = path.join(folder, `aml-doctor.${shell}`);
  writeFileSync(file, texts.join(""));
  return { text: texts.join(""), file };
}

/** What bash offers for the last of these words, as readline would ask for it. */
function complete(...words: readonly string[]): readonly string[] {
  const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _aml_doctor; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync("bash", ["--norc", "-c", ask, "bash", script("bash").file, "aml-doctor", ...words], {
    encoding: "utf8",
  });
  return said.split("\n").filter((line) => line !== "");
}

describe("completion for bash", () => {
  it.each<[readonly string[], readonly string[]]>([
    [["dia"], ["diagnose"]],
    [["probes", "s"], ["show"]],
    [["diagnose", "--clo"], ["--cloud"]],
    [["diagnose", "--cloud", "AzureU"], ["AzureUSGovernment"]],
    [
      ["diagnose", "--cloud", "=", "AzureC"],
      ["AzureCloud", "AzureChinaCloud"],
    ],
    [
      ["diagnose", "--output", "js"],
      ["json", "jsonl"],
    ],
    [["diagnose", "-g", "diagnose", "--dry"], ["--dry-run"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish", "powershell", "-h", "--help"],
    ],
    [["diagnose", "--group", ""], []],
    [["diagnose", "--ca", "/"], []],
  ])("offers for %j", (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

describe.each(shells)("completion for %s", (shell) => {
  it("knows every command and option of the program", () => {
    const { text } = script(shell);
    const missing = shapesOf(program).flatMap(({ path: at, options }) =>
      [
        at.trim().split(" ").at(-1) ?? "",
        ...options.flatMap(({ names }) => names.map((name) => name.replace(/^-+/, ""))),
      ].filter((word) => !text.includes(word)),
    );
    expect(missing).toEqual([]);
    expect(text).toMatch(/^(#compdef aml-doctor\n)?# To use it: /);
  });

  it("is sound to the shell itself, where that is installed", ({ skip }) => {
    const { file } = script(shell);
    const check: Readonly<Record<Shell, readonly [string, readonly string[]]>> = {
      bash: ["bash", ["-n", file]],
      zsh: ["zsh", ["-n", file]],
      fish: ["fish", ["--no-execute", file]],
      powershell: [
        "pwsh",
        ["-NoProfile", "-Command", `[scriptblock]::Create((Get-Content -Raw '${file}')) | Out-Null`],
      ],
    };
    const [command, given] = check[shell];
    const { error, status, stderr } = spawnSync(command, [...given], { encoding: "utf8" });
    if (error !== undefined && "code" in error && error.code === "ENOENT") skip(`${command} is not installed here`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
