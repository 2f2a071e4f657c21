/** The doc comment that stands directly before a source's `export default`, as paragraphs; empty when there is none. */
export function docComment(source: string): string[] {
  const before = source.slice(0, Math.max(0, source.indexOf("\nexport default")));
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1];
  if (comment === undefined) return [];
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join("\n")
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
    .filter((paragraph) => paragraph !== "");
}
