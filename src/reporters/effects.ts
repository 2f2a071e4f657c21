import type { RootCause } from "../model/report.ts";

/** One kind of consequence of a root cause, and what it was seen at, in the order of the report. */
export type Effect = readonly [Pick<RootCause["explains"][number], "id" | "summary">, readonly string[]];

/** What a root cause explains, a kind of consequence each. */
export function effectsOf({ explains }: RootCause): Effect[] {
  return [...Map.groupBy(explains, ({ id }) => id)].map(([id, alike]) => [
    { id, summary: alike[0]?.summary ?? id },
    alike.map(({ subject }) => subject),
  ]);
}
