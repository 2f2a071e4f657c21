/** Control characters, among them the escape that starts a terminal sequence, and characters that reorder or hide text:
 * bidirectional marks, zero-width characters, line separators, tags, lone surrogates. */
const unprintable =
  // eslint-disable-next-line no-control-regex -- these are what must not reach a terminal
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Text in one line that cannot steer a terminal: white space becomes one space, other unprintable characters go. Names
 * and messages come from Azure, DNS and certificates, so from anybody. */
export function clean(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ").replace(unprintable, "");
}

/** The same for text whose line ends and indentation mean something, such as a command over several lines. */
export function cleanLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.replaceAll("\t", "  ").replace(unprintable, ""));
}

/** JSON text in which the same characters are written as escapes: nothing is lost and nothing reaches the terminal. */
export function escapeJson(json: string): string {
  return json
    .split("\n")
    .map((line) => line.replace(unprintable, (found) => found.split("").map(escapeUnit).join("")))
    .join("\n");
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const spellings: Readonly<Record<string, string>> = {
  "…": "...",
  "–": "-",
  "—": "-",
  "→": "->",
  "←": "<-",
  "·": "*",
  "•": "*",
  "“": '"',
  "”": '"',
  "‘": "'",
  "’": "'",
  "≤": "<=",
  "≥": ">=",
  "×": "x",
};

/** Text in ASCII only: common typography in its plain spelling, anything else as its code point. */
export function toAscii(text: string): string {
  return text.replace(
    /[^\u0020-\u007e]/gu,
    (character) => spellings[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`,
  );
}
