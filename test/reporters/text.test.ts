import { describe, expect, it } from "vitest";
import type { View } from "../../src/reporters/page.ts";
import { renderText } from "../../src/reporters/text.ts";
import { expectGolden } from "./golden.ts";
import { healthy, hostile, inconclusive, unhealthy } from "./reports.ts";
import { steering } from "./steering.ts";

const plain: View = { color: false, ascii: false, verbose: false, explain: false, columns: 80 };

describe("the text report", () => {
  it.each([
    ["healthy", healthy, plain],
    ["healthy-verbose", healthy, { ...plain, verbose: true }],
    ["unhealthy", unhealthy, plain],
    ["unhealthy-explain-ascii", unhealthy, { ...plain, explain: true, ascii: true }],
    ["unhealthy-color", unhealthy, { ...plain, color: true }],
    ["inconclusive", inconclusive, plain],
    ["hostile", hostile, { ...plain, explain: true, verbose: true }],
  ] as const)("is as in %s.txt", (name, report, view) => expectGolden(name, renderText(report, view)));

  it.each([
    ["healthy", healthy, "✔ HEALTHY mlprod / score1 / blue: everything that matters was checked and works"],
    ["unhealthy", unhealthy, "✖ UNHEALTHY mlprod / score1 / blue: 2 root causes, behind 3 further failures; 1"],
    ["inconclusive", inconclusive, "? INCONCLUSIVE mlprod / score1 / blue: nothing is known to be broken, but 2"],
  ] as const)("says %s in its first line", (_, report, line) => {
    expect(renderText(report, plain).split("\n")[0]).toBe(line);
  });

  it("lets no control or reordering character through", () => {
    const text = renderText(hostile, { ...plain, explain: true, verbose: true });
    expect(text).not.toMatch(steering);
    // Only our own lines start at the left edge.
    expect(text.split("\n").filter((line) => line.startsWith("UNFORGED"))).toEqual([]);
  });

  it("has only ASCII when asked", () => {
    expect(renderText(unhealthy, { ...plain, ascii: true, verbose: true })).toMatch(/^[\n\x20-\x7e]+$/);
  });

  it("says the same with and without colour", () => {
    // eslint-disable-next-line no-control-regex -- colour sequences
    const colorless = renderText(unhealthy, { ...plain, color: true }).replace(/\u001b\[\d+m/g, "");
    expect(colorless).toBe(renderText(unhealthy, plain));
  });

  it("wraps prose at the width and leaves commands whole", () => {
    const lines = renderText(unhealthy, plain).split("\n");
    const command = unhealthy.rootCauses[0]!.remediation[0]!.commands[0]!.text;
    expect(lines.map((line) => line.trim())).toContain(command);
    const long = lines.filter((line) => line.length > 80 && !line.trim().startsWith("az "));
    // What is left cannot be broken: one word, such as an id.
    expect(
      long.filter((line) =>
        line
          .trim()
          .replace(/^(\S{1,2}|Read) /, "")
          .includes(" "),
      ),
    ).toEqual([]);
  });
});
