import { verdictOf } from "../model/changes.ts";
import type { Report } from "../model/report.ts";

/** What the process ends with; it depends on the verdict alone, never on the output format. */
export const exitCodes = {
  healthy: 0,
  /** With `--fail-on warning` only. */
  warnings: 1,
  unhealthy: 2,
  inconclusive: 3,
  /** The command line cannot be understood (sysexits: EX_USAGE). */
  usage: 64,
  /** A file or an answer that we were pointed at cannot be used (EX_DATAERR). */
  input: 65,
  /** A bug of ours (EX_SOFTWARE). */
  bug: 70,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** The exit code of a report. */
export function exitCodeOf(report: Report, { failOnWarning }: { failOnWarning: boolean }): number {
  switch (verdictOf(report)) {
    case "unhealthy":
      return exitCodes.unhealthy;
    case "inconclusive":
      return exitCodes.inconclusive;
    case "healthy":
      return failOnWarning && report.findings.some((finding) => finding.status === "warn")
        ? exitCodes.warnings
        : exitCodes.healthy;
  }
}
