import { clean } from "../clean.ts";

/** HTML that is safe to stand in a page. Only `markup` makes it, so that text can never pass for it. */
export class Markup {
  readonly #source: string;

  /** Takes source that is HTML already; text goes through `markup`. */
  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }
}

/** What a template may hold. Nothing is written for `undefined`. */
export type Content = string | number | Markup | readonly Content[] | undefined;

/** A template whose values are escaped, for element content and for quoted attributes alike. Text loses its control and
 * direction characters; lists are joined. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + written(values[index])).join(""));
}

/** Text of several lines, each cleaned by itself: commands, which are copied as they stand. */
export function lines(texts: readonly string[]): Markup {
  return new Markup(texts.map(escaped).join("\n"));
}

function written(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escaped(clean(value));
  return value.map(written).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
