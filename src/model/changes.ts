import * as z from "zod";

const problem = {
  kind: z.enum(["root-cause", "warning", "blind-spot"]),
  id: z.string().describe("The failure id; the probe's id for a blind spot"),
  subject: z.string(),
  title: z.string(),
};

/** What became of one problem since the check before. */
export const changeSchema = z.strictObject({
  ...problem,
  state: z
    .enum(["new", "open", "suspected", "fading", "unseen", "gone"])
    .describe(
      [
        "new: confirmed by this check",
        "open: confirmed before, and seen again",
        "suspected: seen, not yet often enough to count",
        "fading: confirmed before, not seen now, not yet often enough to count as gone",
        "unseen: confirmed before; this check could not look",
        "gone: confirmed before, and now counted as gone",
      ].join("; "),
    ),
  since: z.iso.datetime().describe("When it was first seen"),
  until: z.iso.datetime().optional().describe("For one that is gone: when it was last seen"),
  times: z.int().nonnegative().describe("Checks in a row that agree on what is seen now"),
});

/** What a scheduled check adds to a report: how it compares with the checks before it. */
export const changesSchema = z.strictObject({
  verdict: z.enum(["healthy", "unhealthy", "inconclusive"]).describe("The verdict after flap damping"),
  verdictSince: z.iso.datetime(),
  previousVerdict: z.enum(["healthy", "unhealthy", "inconclusive"]).optional(),
  comparedWith: z.iso.datetime().optional().describe("When the check before this one started; absent for the first"),
  confirm: z.int().positive().describe("Checks in a row after which a problem counts as there, or as gone"),
  problems: z.array(changeSchema),
  baseline: z
    .strictObject({
      startedAt: z.iso.datetime(),
      added: z.array(z.strictObject(problem)).describe("There now, and not in the baseline"),
      removed: z.array(z.strictObject(problem)).describe("In the baseline, and seen to be gone"),
    })
    .optional(),
  notes: z.array(z.string()).describe("What is to know of the comparison, such as a state that could not be used"),
});

export type Changes = z.infer<typeof changesSchema>;
export type Change = z.infer<typeof changeSchema>;
export type Problem = Pick<Change, "kind" | "id" | "subject" | "title">;

/** The verdict that counts: after flap damping where a check did any, else the report's own. */
export function verdictOf(report: {
  readonly verdict: Changes["verdict"];
  readonly changes?: Changes | undefined;
}): Changes["verdict"] {
  return report.changes?.verdict ?? report.verdict;
}

/** Whether a check has something to say: a problem came or went, or the verdict is another one than before. */
export function hasChanged(changes: Changes): boolean {
  return (
    changes.verdict !== changes.previousVerdict ||
    changes.problems.some(({ state }) => state === "new" || state === "gone") ||
    changes.notes.length > 0
  );
}
