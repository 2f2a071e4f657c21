import { describe, expect, it } from "vitest";
import type { Terminal } from "../../src/cli/terminal.ts";
import { viewOf } from "../../src/cli/view.ts";

function view(
  environment: Record<string, string>,
  more: { ascii?: boolean; color?: boolean; piped?: boolean; columns?: number } = {},
) {
  const terminal = { environment, outputIsTerminal: more.piped !== true, columns: more.columns } as unknown as Terminal;
  return viewOf({ color: more.color ?? true, ...(more.ascii === undefined ? {} : { ascii: more.ascii }) }, terminal);
}

describe("what a terminal is shown", () => {
  it.each<[string, Record<string, string>, boolean]>([
    ["no locale", {}, false],
    ["a UTF-8 locale", { LANG: "de_DE.UTF-8" }, false],
    ["C.utf8", { LC_ALL: "C.utf8", LANG: "C" }, false],
    ["the C locale", { LANG: "C" }, true],
    ["another character set", { LC_ALL: "en_US.ISO-8859-1", LANG: "en_US.UTF-8" }, true],
    ["the Linux console", { TERM: "linux", LANG: "C.UTF-8" }, true],
    ["the classic console of Windows", { OS: "Windows_NT" }, true],
    ["Windows Terminal", { OS: "Windows_NT", WT_SESSION: "1" }, false],
    ["a Unix shell on Windows", { OS: "Windows_NT", TERM: "xterm-256color" }, false],
  ])("with %s", (_, environment, ascii) => {
    expect(view(environment).ascii).toBe(ascii);
  });

  it("is UTF-8 in a pipe, and ASCII on request", () => {
    expect(view({ LANG: "C" }, { piped: true }).ascii).toBe(false);
    expect(view({ LANG: "C.UTF-8" }, { piped: true, ascii: true }).ascii).toBe(true);
  });

  it.each<[string, Record<string, string>, { color?: boolean; piped?: boolean }, boolean]>([
    ["a terminal", {}, {}, true],
    ["a pipe", {}, { piped: true }, false],
    ["--no-color", {}, { color: false }, false],
    ["NO_COLOR", { NO_COLOR: "1" }, {}, false],
    ["an empty NO_COLOR", { NO_COLOR: "" }, {}, true],
    ["TERM=dumb", { TERM: "dumb" }, {}, false],
  ])("has colour as %s wants it", (_, environment, more, color) => {
    expect(view(environment, more).color).toBe(color);
  });

  it.each([
    [undefined, 80],
    [200, 80],
    [60, 60],
    [10, 40],
  ])("with %s columns, is %i wide", (columns, expected) => {
    expect(view({}, columns === undefined ? {} : { columns }).columns).toBe(expected);
  });
});
