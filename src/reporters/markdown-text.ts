import { clean, cleanLines } from "./clean.ts";

/** Text that Markdown and the HTML in it leave alone: names and messages come from strangers. Characters that mean
 * something are escaped, an at sign cannot mention anybody, and an address that stands bare makes no link. */
export function inline(text: string): string {
  return clean(text)
    .replace(/[\\`*_{}[\]<>#|~!&$]/g, "\\$&")
    .replace(/^([-+=])/, "\\$1")
    .replace(/^(\d+)([.)])/, "$1\\$2")
    .replaceAll("://", ":\\/\\/")
    .replace(/www\./gi, (prefix) => `${prefix.slice(0, 3)}\\.`)
    .replaceAll("@", "&#64;");
}

/** A page to read on: a link when it is a plain address, else text. */
export function link(url: string): string {
  return /^https:\/\/[\w.~%/?=#:+,-]+$/.test(url) ? `<${url}>` : inline(url);
}

/** Text as code in a line, with a fence longer than any run of backticks within. */
export function code(text: string): string {
  const line = clean(text);
  if (line.trim() === "") return "";
  const fence = "`".repeat(longestRun(line) + 1);
  const gap = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** Lines as a block of code, with a fence longer than any run of backticks within. */
export function codeBlock(text: string, language: string): string[] {
  const lines = cleanLines(text);
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  return [`${fence}${language}`, ...lines, fence];
}

/** A table from cells that are Markdown already. A bar would end its cell, even within code, unless it is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
