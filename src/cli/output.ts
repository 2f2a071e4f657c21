import { InvalidArgumentError } from "commander";
import type { Report } from "../model/report.ts";
import type { View } from "../reporters/page.ts";
import { checkWritable, writeAtomically } from "./atomic-file.ts";
import { messageOf } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** What a format is rendered with, beside the report. */
export interface Rendering {
  readonly view: View;
  /** Whether a warning alone is a failure, as the exit code has it. */
  readonly failOnWarning: boolean;
}

type Render = (report: Report, rendering: Rendering) => string;

/** Every format by its name. A reporter is loaded when it is asked for. */
const formats = {
  text: async () => {
    const { renderText } = await import("../reporters/text.ts");
    return (report, { view }) => renderText(report, view);
  },
  json: async () => (await import("../reporters/json.ts")).renderJson,
  jsonl: async () => (await import("../reporters/jsonl.ts")).renderJsonLines,
  junit: async () => (await import("../reporters/junit.ts")).renderJunit,
  sarif: async () => (await import("../reporters/sarif.ts")).renderSarif,
  openmetrics: async () => (await import("../reporters/openmetrics.ts")).renderOpenMetrics,
  plugin: async () => (await import("../reporters/plugin-line.ts")).renderPluginLine,
  markdown: async () => (await import("../reporters/markdown.ts")).renderMarkdown,
  html: async () => (await import("../reporters/html/html.ts")).renderHtml,
} as const satisfies Readonly<Record<string, () => Promise<Render>>>;

type FormatName = keyof typeof formats;

/** What `--output` may name. */
export const formatNames = Object.keys(formats) as readonly FormatName[];

/** One report to write: to standard output when no file is named. */
export interface Output {
  readonly format: FormatName;
  readonly file?: string;
}

/** Reads one `--output FORMAT[=FILE]` and adds it to the ones before. Standard output takes one report, and so does a
 * file. Throws what commander tells as a usage error. */
export function parseOutput(text: string, before: readonly Output[] = []): readonly Output[] {
  const [, name, , file] = /^([^=]*)(=([\s\S]*))?$/.exec(text) ?? [];
  const format = formatNames.find((known) => known === name);
  if (format === undefined) throw new InvalidArgumentError(`Allowed formats are ${formatNames.join(", ")}.`);
  if (file === "") throw new InvalidArgumentError("The name of the file is missing.");
  if (before.some((other) => other.file === file))
    throw new InvalidArgumentError(
      file === undefined
        ? "Standard output takes one report; give the other a file."
        : "Two reports cannot share a file.",
    );
  return [...before, file === undefined ? { format } : { format, file }];
}

/** Makes sure, before a long run, that its reports can be written. */
export async function checkOutputs(outputs: readonly Output[]): Promise<void> {
  for (const { file } of outputs) if (file !== undefined) await checkWritable("the report", file);
}

/**
 * Writes a report in every format that was asked for: files first, each whole or not at all, standard output last. A file
 * that cannot be written does not keep the others from being written; the first such error is thrown at the end. `quiet`
 * writes the files only.
 */
export async function writeOutputs(
  report: Report,
  outputs: readonly Output[],
  { view, failOnWarning, quiet = false }: Rendering & { readonly quiet?: boolean },
  terminal: Pick<Terminal, "write" | "tell">,
): Promise<void> {
  const failures: unknown[] = [];
  for (const { format, file } of outputs) {
    if (file === undefined) continue;
    const render: Render = await formats[format]();
    const text = render(report, { view: { ...view, color: false, columns: fileColumns }, failOnWarning });
    await writeAtomically("the report", file, text).catch((error: unknown) => failures.push(error));
  }
  const shown = quiet ? [] : outputs.length === 0 ? textOnly : outputs.filter(({ file }) => file === undefined);
  for (const { format } of shown) {
    const render: Render = await formats[format]();
    terminal.write(render(report, { view, failOnWarning }));
  }
  for (const failure of failures.slice(1)) terminal.tell(`aml-doctor: ${messageOf(failure)}`);
  if (failures.length > 0) throw failures[0];
}

const textOnly: readonly Output[] = [{ format: "text" }];

/** A file has no window; its readers have at least this width. */
const fileColumns = 80;
