import { createPage, marksOf, type View } from "./page.ts";

/** A page of ours, written in Markdown, for a terminal: headings, lists, quotations, commands and links, and none of the
 * signs that make them. Ends with a line end. */
export function renderFailurePage(markdown: string, view: View): string {
  const page = createPage(view);
  const { item } = marksOf(view);
  for (const block of blocksOf(markdown)) {
    const lines = block.split("\n");
    const [first = ""] = lines;
    if (first.startsWith("```")) {
      page.blank();
      for (const line of lines.slice(1, -1)) page.verbatim(line === "" ? 0 : 4, line, "command");
    } else if (first.startsWith("#")) {
      page.blank();
      page.prose(0, plain(first.replace(/^#+ /, "")), { style: "strong" });
    } else if (first.startsWith("- ")) {
      // Entries that go together stand together; only a heading or a sentence before them is set apart.
      for (const line of lines) page.prose(2, plain(line.slice(2)), { lead: `${item} ` });
    } else {
      const step = /^\d+\. /.exec(first)?.[0];
      page.blank();
      if (step !== undefined) page.prose(2, plain(block.slice(step.length)), { lead: step, style: "strong" });
      else if (first.startsWith("> ")) page.prose(4, plain(lines.map((line) => line.replace(/^> ?/, "")).join(" ")));
      else page.prose(2, plain(lines.join(" ")));
    }
  }
  return page.toString();
}

/** Paragraphs and the like; what stands between fences is one block, blank lines and all. */
function blocksOf(markdown: string): string[] {
  const parts = markdown.replace(/<!--[\s\S]*?-->/g, "").split(/^(```[\s\S]*?^```)$/m);
  return parts
    .flatMap((part) => (part.startsWith("```") ? [part] : part.split(/\n{2,}/)))
    .map((block) => block.trim())
    .filter((block) => block !== "");
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replace(/<(https:[^>]+)>/g, "$1")
    .replace(/\*\*([^*]+)\*\*/g, "$1")
    .replaceAll("`", "")
    .replaceAll("\\*", "*")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}
