// Everything that could move the cursor, hide text or turn its direction in a terminal.
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;
const token = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g;
const secretField =
  /\b(client_secret|client_assertion|assertion|password|refresh_token|access_token|secret|sig)(["']?\s*[=:]\s*["']?)[^\s&"',;]+/gi;

/** A service's text as one harmless line: no control characters, no tokens or secrets, at most `limit` characters. */
export function plainLine(text: string, limit = 300): string {
  // Cut first: nothing says that a body is short.
  const line = text
    .slice(0, 20 * limit)
    .replace(unprintable, " ")
    .replace(token, "***")
    .replace(secretField, "$1$2***")
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** An error code fit for a report: what a service or system would use as one, else the alternative. */
export function plainCode(code: unknown, otherwise: string): string {
  return typeof code === "string" && /^[A-Za-z0-9_.-]{1,80}$/.test(code) ? code : otherwise;
}
