/* eslint-disable no-control-regex */

/** Control, direction and invisible characters: in a terminal or a report they could make text look like other text. */
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Hostile text as one harmless line of at most `limit` characters. */
export function cleanLine(text: string, limit: number): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(hidden, "")
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** The code of an error of Node or undici, such as `ECONNREFUSED`; the cause's code when it has one that says more. */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "UNKNOWN";
  const { code, cause, name } = error as { code?: unknown; cause?: unknown; name?: unknown };
  const deeper = typeof cause === "object" && cause !== null ? (cause as { code?: unknown }).code : undefined;
  for (const candidate of [deeper, code, name]) {
    if (typeof candidate === "string" && /^\w{1,64}$/.test(candidate)) return candidate;
  }
  return "UNKNOWN";
}
