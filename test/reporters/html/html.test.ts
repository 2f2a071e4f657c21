import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { renderHtml } from "../../../src/reporters/html/html.ts";
import { markup } from "../../../src/reporters/html/markup.ts";
import { layOut } from "../../../src/reporters/html/path-layout.ts";
import { script, scriptHash } from "../../../src/reporters/html/script.ts";
import { style, styleHash } from "../../../src/reporters/html/style.ts";
import { expectGolden } from "../golden.ts";
import { healthy } from "../reports.ts";
import { pictured } from "./pictured.ts";

describe("the HTML report", () => {
  it("is as in html.txt", () => {
    // Style and script are held to their hashes below; the golden shows the content.
    const page = renderHtml(pictured).replace(style, "…").replace(script, "…");
    expectGolden("html", page);
  });

  it.each([
    ["style", style, styleHash],
    ["script", script, scriptHash],
  ])("names its %s in its policy", (_, text, hash) => {
    expect(hash).toBe(`sha256-${createHash("sha256").update(text).digest("base64")}`);
    expect(renderHtml(healthy)).toContain(hash);
  });

  it("loads nothing", () => {
    expect(renderHtml(pictured)).not.toMatch(/\b(src|srcset|data|poster|action)=|@import|<link|<base|<iframe|<object/i);
    expect(style).not.toMatch(/url\(|@import/);
  });

  it("shows a report that has no picture", () => {
    const page = renderHtml(healthy);
    expect(page).toContain("Healthy");
    expect(page).not.toContain("<svg");
  });

  it("escapes text in content and attributes, and drops what reorders it", () => {
    const text = `<b a="1" c='2'>&\u202e`;
    expect(markup`<p title="${text}">${[text, 1, undefined]}</p>`.toString()).toBe(
      `<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;">&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;1</p>`,
    );
  });
});

describe("the picture's layout", () => {
  const hop = (id: string, ...after: string[]) => ({
    id,
    title: id,
    name: "",
    status: "ok" as const,
    words: "",
    after,
    causes: [],
  });
  const way = (count: number) =>
    Array.from({ length: count }, (_, index) => hop(`h${index}`, ...(index === 0 ? [] : [`h${index - 1}`])));

  it.each([1, 4, 5, 7, 8, 11])("places %i hops and three ends without overlap, and leads to each", (count) => {
    const hops = [...way(count), ...["a", "b", "c"].map((id) => hop(id, `h${count - 1}`))];
    const { boxes, edges, width, height } = layOut(hops);
    expect(boxes.map(({ hop: { id } }) => id).sort()).toEqual(hops.map(({ id }) => id).sort());
    expect(edges).toHaveLength(hops.length - 1);
    for (const box of boxes) {
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(height);
      const over = boxes.filter(
        (other) =>
          other !== box &&
          other.x < box.x + box.width &&
          box.x < other.x + other.width &&
          other.y < box.y + box.height &&
          box.y < other.y + other.height,
      );
      expect(over).toEqual([]);
    }
  });

  it("survives hops that lead in a circle, or nowhere", () => {
    expect(layOut([hop("a", "b"), hop("b", "a")]).boxes).toHaveLength(2);
    expect(layOut([hop("a", "x")]).boxes).toHaveLength(1);
    expect(layOut([hop("a"), hop("b")]).boxes).toHaveLength(2);
  });
});
