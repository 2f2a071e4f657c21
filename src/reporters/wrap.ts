/** Breaks text at spaces so that no line is longer than `width`. A word that is longer stays whole on a line of its own:
 * an id or a URL that is cut in two cannot be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && lengthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}

/** Characters as a person counts them, near enough: code points. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
