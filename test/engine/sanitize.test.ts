import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitize, sanitizeText, textLimit } from "../../src/engine/sanitize.ts";

describe("a text of the report", () => {
  it.each([
    ["two\r\nlines\tand a tab", "two lines and a tab"],
    ["\u001b[31mred\u0007", "[31mred"],
    ["safe\u202Egnp.exe", "safegnp.exe"],
    ["a\u2066b\u2069\u200f", "ab"],
    ["half \ud800 pair", "half \ufffd pair"],
    ["größer ✔ 名前", "größer ✔ 名前"],
  ])("%j becomes %j", (from, to) => expect(sanitizeText(from)).toBe(to));

  it("is cut at the limit, never inside a character", () => {
    expect(sanitizeText("x".repeat(textLimit))).toHaveLength(textLimit);
    expect(sanitizeText("x".repeat(textLimit + 1))).toBe(`${"x".repeat(textLimit - 1)}…`);
    expect(sanitizeText("😀".repeat(textLimit)).isWellFormed()).toBe(true);
  });

  it("is short, sound and without marks whatever came in, and cleaning it again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
        const clean = sanitizeText(text);
        expect(clean.length).toBeLessThanOrEqual(textLimit);
        expect(clean).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(sanitizeText(clean)).toBe(clean);
      }),
    );
  });
});

describe("a value of the report", () => {
  it("is cleaned at every depth, keys and all, and loses what is undefined", () => {
    expect(sanitize({ a: ["x\u0000", { "k\n": "y\u202e" }], n: 1, none: undefined })).toEqual({
      a: ["x", { "k ": "y" }],
      n: 1,
    });
  });

  it("keeps a long command whole: half a command does harm", () => {
    const text = `az ${"x".repeat(3 * textLimit)}\u0007`;
    expect(sanitize({ shell: "az", text })).toEqual({ shell: "az", text: text.slice(0, -1) });
  });
});
