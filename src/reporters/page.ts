import picocolors from "picocolors";
import { clean, cleanLines, toAscii } from "./clean.ts";
import { wrap } from "./wrap.ts";

/** How a text report is shown. */
export interface View {
  /** Colours; they never carry a meaning that the words do not. */
  readonly color: boolean;
  readonly ascii: boolean;
  /** Also what passed and what did not apply. */
  readonly verbose: boolean;
  /** Also which rival causes were ruled out, and by what. */
  readonly explain: boolean;
  /** Width at which prose wraps. */
  readonly columns: number;
}

export type Style = "plain" | "strong" | "faint" | "bad" | "good" | "doubt" | "command";

/** Lines that take shape: wrapped, indented, cleaned, coloured. */
export interface Page {
  /** Prose at an indentation; `lead` stands before the first line and the others hang under its text. */
  prose(indent: number, text: string, options?: { lead?: string; style?: Style }): void;
  /** Text that is copied: never wrapped; its own line ends stay. */
  verbatim(indent: number, text: string, style?: Style): void;
  /** A page to read on, in one line. */
  link(indent: number, url: string): void;
  /** Text with resource ids cut to group, type and name, unless the view is verbose. */
  brief(text: string): string;
  blank(): void;
  toString(): string;
}

/** A mark for each status, in the view's characters. */
export interface Marks {
  readonly pass: string;
  readonly fail: string;
  readonly warn: string;
  readonly unknown: string;
  readonly skipped: string;
  readonly item: string;
}

/** The marks of a view: signs, or plain ASCII. */
export function marksOf(view: View): Marks {
  return view.ascii
    ? { pass: "+", fail: "x", warn: "!", unknown: "?", skipped: "-", item: "-" }
    : { pass: "✔", fail: "✖", warn: "⚠", unknown: "?", skipped: "○", item: "•" };
}

/** What the ids of one estate have in common, up to the type. */
const resourcePrefix = /\/subscriptions\/[^/\s]+\/resourceGroups\/([^/\s]+)\/providers\/[^/\s]+\//gi;

/** Text with the resource ids in it cut to group, type and name. */
export function brief(text: string): string {
  return text.replace(resourcePrefix, "$1/…/");
}

/** An empty page for a view. */
export function createPage(view: View): Page {
  const lines: string[] = [];
  const paint = painters(view.color);
  const spell = view.ascii ? toAscii : (text: string) => text;
  return {
    prose(indent, text, { lead = "", style = "plain" } = {}) {
      const first = " ".repeat(indent) + spell(lead);
      const rest = " ".repeat(first.length);
      const width = Math.max(view.columns - first.length, 24);
      wrap(spell(clean(text)), width).forEach((line, index) => {
        lines.push(`${index === 0 ? first : rest}${paint[style](line)}`.trimEnd());
      });
    },
    verbatim(indent, text, style = "plain") {
      for (const line of cleanLines(text)) lines.push(`${" ".repeat(indent)}${paint[style](spell(line))}`);
    },
    link(indent, url) {
      lines.push(`${" ".repeat(indent)}${paint.faint(`Read ${spell(clean(url))}`)}`);
    },
    brief: (text) => (view.verbose ? text : brief(text)),
    blank() {
      if (lines.length > 0 && lines.at(-1) !== "") lines.push("");
    },
    toString: () => `${lines.join("\n").trimEnd()}\n`,
  };
}

function painters(color: boolean): Readonly<Record<Style, (text: string) => string>> {
  const colors = picocolors.createColors(color);
  return {
    plain: (text) => text,
    strong: colors.bold,
    faint: colors.dim,
    bad: (text) => colors.bold(colors.red(text)),
    good: (text) => colors.bold(colors.green(text)),
    doubt: (text) => colors.bold(colors.yellow(text)),
    command: colors.cyan,
  };
}
