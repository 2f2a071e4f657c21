import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareWithBaseline } from "../../src/check/compare.ts";
import { parseState, type State } from "../../src/check/state.ts";
import { track } from "../../src/check/track.ts";
import { hasChanged, type Changes } from "../../src/model/changes.ts";
import { reportOf, type Sight } from "./made-up.ts";

/** Runs a story, one check an hour, and tells what each check said: its verdict and the states of its problems. */
function story(sights: readonly Sight[], confirm: number): { told: string[]; last: Changes } {
  let state: State | undefined;
  const all: Changes[] = [];
  for (const [hour, sight] of sights.entries()) {
    const tracked = track(state, reportOf(sight, hour), { confirm });
    // What is remembered goes through a file.
    const read = parseState(JSON.stringify(tracked.state));
    if ("unusable" in read) throw new Error(read.unusable);
    state = read.state;
    all.push(tracked.changes);
  }
  return {
    told: all.map(({ verdict, problems }) =>
      [verdict, ...problems.map((problem) => `${problem.id} ${problem.state}`)].join(", "),
    ),
    last: all.at(-1)!,
  };
}

const pending = "registry-pending";
const blind = "registry/approval";

describe("a series of checks", () => {
  it.each<[string, number, Sight[], string[]]>([
    ["says nothing of a healthy estate", 1, ["fine", "fine"], ["healthy", "healthy"]],
    [
      "tells a fault as new, then as open, then as gone, then no more",
      1,
      ["fine", "broken", "broken", "fine", "fine"],
      ["healthy", `unhealthy, ${pending} new`, `unhealthy, ${pending} open`, `healthy, ${pending} gone`, "healthy"],
    ],
    ["counts what the first check sees at once", 3, ["broken"], [`unhealthy, ${pending} new`]],
    [
      "damps a fault that shows once",
      3,
      ["fine", "broken", "fine", "fine"],
      ["healthy", `healthy, ${pending} suspected`, "healthy", "healthy"],
    ],
    [
      "counts a fault that stays",
      3,
      ["fine", "broken", "broken", "broken"],
      ["healthy", `healthy, ${pending} suspected`, `healthy, ${pending} suspected`, `unhealthy, ${pending} new`],
    ],
    [
      "damps a recovery that does not last",
      2,
      ["broken", "fine", "broken", "fine", "fine"],
      [
        `unhealthy, ${pending} new`,
        `unhealthy, ${pending} fading`,
        `unhealthy, ${pending} open`,
        `unhealthy, ${pending} fading`,
        `healthy, ${pending} gone`,
      ],
    ],
    [
      "is inconclusive at once when it is blind, and damps nothing of it",
      3,
      ["fine", "blind", "fine"],
      ["healthy", `inconclusive, ${blind} new`, `healthy, ${blind} gone`],
    ],
    [
      "does not take a fault for gone that it could not look at",
      1,
      ["broken", "blind", "broken"],
      [
        `unhealthy, ${pending} new`,
        `inconclusive, ${pending} unseen, ${blind} new`,
        // The probe says what it sees again: the blind spot is gone.
        `unhealthy, ${pending} open, ${blind} gone`,
      ],
    ],
    [
      "does not take a fault for gone whose probe was not part of the run",
      1,
      ["broken", "not-run", "stopped"],
      [`unhealthy, ${pending} new`, `unhealthy, ${pending} unseen`, `unhealthy, ${pending} unseen`],
    ],
    [
      "keeps a fault open that a deeper one explains now",
      1,
      ["broken", "effect"],
      [`unhealthy, ${pending} new`, `unhealthy, ${pending} open, deeper new`],
    ],
    [
      "tells a warning, and stays healthy",
      1,
      ["fine", "warned", "fine"],
      ["healthy", "healthy, registry-soft new", "healthy, registry-soft gone"],
    ],
  ])("%s (--confirm %i)", (_, confirm, sights, told) => {
    expect(story(sights, confirm).told).toEqual(told);
  });

  it("is never green when it is blind, and follows what has been the same for long enough", () => {
    const sight = fc.constantFrom<Sight>("fine", "broken", "blind");
    fc.assert(
      fc.property(
        fc.array(sight, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (sights, confirm) => {
          const { verdict } = story(sights, confirm).last;
          const lately = new Set(sights.slice(-confirm));
          if (sights.at(-1) === "blind") expect(verdict).toBe("inconclusive");
          else if (sights.length >= confirm && lately.size === 1)
            expect(verdict).toBe(lately.has("fine") ? "healthy" : "unhealthy");
          else expect(verdict).not.toBe("inconclusive");
        },
      ),
      { numRuns: 300 },
    );
  });

  it("says since when, and until when", () => {
    expect(story(["fine", "broken", "broken", "broken"], 2).last).toMatchObject({
      verdictSince: "2026-01-01T02:00:00.000Z",
      comparedWith: "2026-01-01T02:00:00.000Z",
      problems: [{ id: pending, since: "2026-01-01T01:00:00.000Z", times: 3 }],
    });
    expect(story(["broken", "fine"], 1).last.problems).toMatchObject([
      { state: "gone", since: "2026-01-01T00:00:00.000Z", until: "2026-01-01T00:00:00.000Z" },
    ]);
  });

  it.each<[Sight[], boolean]>([
    [["fine"], true],
    [["fine", "fine"], false],
    [["fine", "broken"], true],
    [["broken", "broken"], false],
    [["broken", "fine"], true],
    [["fine", "blind"], true],
    [["blind", "blind"], false],
  ])("has something to say after %j: %s", (sights, changed) => {
    expect(hasChanged(story(sights, 1).last)).toBe(changed);
  });
});

describe("a baseline", () => {
  it.each<[Sight, Sight, string[], string[]]>([
    ["fine", "broken", [pending], []],
    ["broken", "broken", [], []],
    ["broken", "fine", [], [pending]],
    ["broken", "blind", [blind], []],
    ["broken", "not-run", [], []],
  ])("of %s against %s", (then, now, added, removed) => {
    const compared = compareWithBaseline(reportOf(now, 5), reportOf(then, 0));
    expect(compared.added.map(({ id }) => id)).toEqual(added);
    expect(compared.removed.map(({ id }) => id)).toEqual(removed);
  });
});
