import type { Probe } from "../../src/model/probe.ts";
import { judgeWith } from "./judge.ts";

/** Verdicts in short: `pass`, `skip`, `unknown`, or the failure id with `?` when likely and `(w)` when a warning. */
export function verdictOf(probe: Probe, facts: Readonly<Record<string, unknown>>): string {
  return judgeWith(probe, facts)
    .map((verdict) =>
      verdict.is === "found"
        ? `${verdict.reason}${verdict.confidence === "likely" ? "?" : ""}${verdict.as === "warning" ? "(w)" : ""}`
        : verdict.is,
    )
    .join(" ");
}

/** The commands of the first finding's remediation, as they would be pasted. */
export function commandsOf(probe: Probe, facts: Readonly<Record<string, unknown>>): string {
  const found = judgeWith(probe, facts).find((verdict) => verdict.is === "found");
  if (found?.is !== "found") return "";
  const fix = probe.reasons[found.reason]?.fix(found);
  return [fix ?? []]
    .flat()
    .flatMap(({ commands }) => commands.map(({ text }) => text))
    .join("\n");
}
