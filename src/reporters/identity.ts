import type { Report } from "../model/report.ts";
import { clean } from "./clean.ts";

/** What was diagnosed, as a person names it: `mlprod / score1 / blue`. */
export function targetName({ target }: Report): string {
  return [target.workspace, target.endpoint, target.deployment]
    .filter((name) => name !== undefined)
    .map(clean)
    .join(" / ");
}

/** When the run ended, ISO 8601 UTC. */
export function endedAt({ startedAt, durationMs }: Report): string {
  return new Date(Date.parse(startedAt) + durationMs).toISOString();
}

/** A failure id as a label: those of the catalogue are short kebab-case words, and nothing else may widen the set. */
export function labelOf(id: string): string {
  return /^[a-z0-9][a-z0-9/-]{0,79}$/.test(id) ? id : "other";
}
