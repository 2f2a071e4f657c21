/** The longest text that a report carries, in UTF-16 units. */
export const textLimit = 2000;

const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const invisible = /[\p{Cc}\p{Bidi_Control}]/gu;

/** The text without control characters and direction marks, on one line: names and messages come from outside, and a
 * terminal or a log must not obey them, nor a reader be shown another order than the bytes have. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(lineBreaks, " ").replace(invisible, "");
}

/** `oneLine`, and no longer than `textLimit`; a cut is shown by an ellipsis. */
export function sanitizeText(text: string): string {
  const clean = oneLine(text);
  return clean.length <= textLimit ? clean : `${clean.slice(0, textLimit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Every string of a plain value, keys included, through `sanitizeText`. The text of a command is not cut: half a
 * command does harm when it is pasted. Properties that are undefined are left out. */
export function sanitize<T>(value: T): T {
  return clean(value, sanitizeText) as T;
}

function clean(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, text));
  if (typeof value !== "object" || value === null) return value;
  const inside = "shell" in value ? oneLine : text;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [[sanitizeText(key), clean(item, inside)]],
    ),
  );
}
