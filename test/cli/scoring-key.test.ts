import { describe, expect, it } from "vitest";
import { scoringAuthorization } from "../../src/cli/scoring-key.ts";

const given = (key: string | undefined, endpoint: string | undefined = "score1") =>
  scoringAuthorization({ AML_DOCTOR_SCORING_KEY: key }, endpoint === "" ? {} : { endpoint });

describe("the scoring key", () => {
  it.each([
    ["a key", "made-up", "Bearer made-up"],
    ["a key with a line break behind it, as files have", "made-up\n", "Bearer made-up"],
    ["a whole header", "Basic bWFkZS11cA==", "Basic bWFkZS11cA=="],
    ["nothing", undefined, undefined],
    ["blanks", "  ", undefined],
  ])("%s", (_, key, header) => {
    expect(given(key)).toBe(header);
  });

  it.each([
    ["a line break in the middle", "made-up\r\nx-injected: 1", "score1"],
    ["a character that no header carries", "made-üp", "score1"],
    ["no endpoint", "made-up", ""],
  ])("is refused with %s, and not told", (_, key, endpoint) => {
    const refused = () => given(key, endpoint);
    expect(refused).toThrow("AML_DOCTOR_SCORING_KEY");
    expect(refused).not.toThrow("made");
  });
});
