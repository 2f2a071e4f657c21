import { describe, expect, it } from "vitest";
import { parseBaseline, parseState } from "../../src/check/state.ts";
import { track } from "../../src/check/track.ts";
import { reportOf } from "./made-up.ts";

const { state } = track(undefined, reportOf("broken", 0), { confirm: 1 });
const whole = JSON.stringify(state);

describe("a state file", () => {
  it("gives back what was kept", () => {
    expect(parseState(whole)).toEqual({ state });
  });

  it.each([
    ["empty", "", "it is empty"],
    ["torn", whole.slice(0, -20), "it is not whole JSON"],
    ["something else", "[1]", "it is not a state of this program"],
    ["a report", JSON.stringify(reportOf("fine", 0)), 'it is of the kind "aml-doctor/report@1"'],
    [
      "of another version",
      whole.replace("check-state@1", "check-state@9"),
      'it is of the kind "aml-doctor/check-state@9"',
    ],
    ["damaged", JSON.stringify({ ...state, verdict: "fine" }), "verdict: "],
  ])("that is %s is refused in words", (_, text, why) => {
    expect(parseState(text)).toEqual({ unusable: expect.stringContaining(why) });
  });
});

describe("a baseline file", () => {
  it("is a report or a state", () => {
    const report = reportOf("broken", 0);
    expect(parseBaseline(JSON.stringify(report))).toEqual({ report });
    expect(parseBaseline(whole)).toEqual({ report });
    expect(parseBaseline("{}")).toEqual({ unusable: expect.stringContaining("it is no report") });
    expect(parseBaseline("nonsense")).toEqual({ unusable: "it is not JSON" });
  });
});
