import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shapesOf } from "../../src/cli/completion/shape.ts";
import { shells, type Shell } from "../../src/cli/completion/shells.ts";
import { printCompletion } from "../../src/cli/commands/completion.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const program = createProgram(
  { write: () => undefined, tell: () => undefined } as unknown as Terminal,
  () => undefined,
);
const folder = temporaryFolder("completion");

const texts = new Map<Shell, string>();
beforeAll(async () => {
  for (const shell of shells) {
    const terminal = { write: (text: string) => void texts.set(shell, text) } as unknown as Terminal;
    await printCompletion(shell, program, terminal);
    writeFileSync(fileOf(shell), texts.get(shell) ?? "");
  }
});

function fileOf(shell: Shell): string {
  return path.join(folder, `aml-doctor.${shell}`);
}

/** What bash offers for the last of these words, as readline would ask for it. */
function complete(...words: readonly string[]): readonly string[] {
  const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _aml_doctor; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync("bash", ["--norc", "-c", ask, "bash", fileOf("bash"), "aml-doctor", ...words], {
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
    [["explain", "dns-zone-not-linked-"], ["dns-zone-not-linked-to-resolver-vnet"]],
    [["diagnose", "--playbook", "every"], ["everything"]],
    [["diagnose", "--ca", "/"], []],
  ])("offers for %j", (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

/** What fish and zsh offer for the end of a line, sorted; undefined where the shell is not installed. */
const asked = {
  fish: (line: string) =>
    offers("fish", ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", fileOf("fish"), line]),
  zsh: (line: string) =>
    offers("zsh", ["-f", new URL("zsh-offers.zsh", import.meta.url).pathname, fileOf("zsh"), line]),
};

function offers(shell: "fish" | "zsh", given: readonly string[]): readonly string[] | undefined {
  const { error, stdout } = spawnSync(shell, given, {
    encoding: "utf8",
    timeout: 10_000,
    env: { ...process.env, HOME: folder },
  });
  if (error !== undefined) {
    if ("code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  return stdout
    .split(/\r?\n/)
    .map((line) => line.split("\t")[0] ?? "")
    .filter((word) => word !== "")
    .sort();
}

describe.each(["fish", "zsh"] as const)("completion for %s", (shell) => {
  it.each<[string, readonly string[]]>([
    ["dia", ["diagnose"]],
    ["probes s", ["show"]],
    ["diagnose --clo", ["--cloud"]],
    ["diagnose --cloud AzureU", ["AzureUSGovernment"]],
    ["diagnose --cloud=AzureC", ["AzureChinaCloud", "AzureCloud"]],
    ["diagnose --output js", ["json", "jsonl"]],
    ["diagnose -g diagnose --dry", ["--dry-run"]],
    ["completion ", ["bash", "fish", "powershell", "zsh"]],
    ["diagnose --group ", []],
    ["explain dns-zone-not-linked-", ["dns-zone-not-linked-to-resolver-vnet"]],
    ["playbooks show every", ["everything"]],
  ])("offers for %s", (line, offered) => {
    const found = asked[shell](`aml-doctor ${line}`);
    if (found === undefined) {
      console.warn(`skipped: ${shell} is not installed`);
      return;
    }
    // fish offers the whole word, zsh what follows the sign.
    expect(found.map((word) => word.replace(/^.*=/, ""))).toEqual(offered);
  });
});

describe("completion for powershell", () => {
  it("has every pair whole, and no key twice, to which PowerShell is blind to case", () => {
    const text = texts.get("powershell") ?? "";
    const lines = text.split("\n");
    expect(
      lines.filter((line) => /^ {6}\S/.test(line) && !/^ {6},@\('.*', '.*'\)$/.test(line) && !line.includes("[")),
    ).toEqual([]);
    const keys = lines.flatMap((line) => /^ {4}('.*') = @\(/.exec(line)?.[1]?.toLowerCase() ?? []);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });
});

describe.each(shells)("completion for %s", (shell) => {
  it("knows every command and option of the program", () => {
    const text = texts.get(shell) ?? "";
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
    const file = fileOf(shell);
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
