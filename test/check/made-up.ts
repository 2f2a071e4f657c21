import type { Report, ReportFinding } from "../../src/model/report.ts";
import { healthy } from "../reporters/reports.ts";

/** What one run of a made-up estate saw: the state of a fault "registry-pending" on "acr" that the probe registry/approval
 * looks for. */
export type Sight = "fine" | "broken" | "blind" | "warned" | "effect" | "not-run" | "stopped";

const probe = "registry/approval";
const subject = "acr";

/** A report of that estate, `hour` hours into the story. */
export function reportOf(sight: Sight, hour: number): Report {
  const startedAt = new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  const base: Report = { ...healthy, startedAt, findings: [], unknowns: [], rootCauses: [] };
  switch (sight) {
    case "fine":
      return { ...base, findings: [finding("pass", probe)] };
    case "broken":
      return {
        ...base,
        verdict: "unhealthy",
        findings: [finding("fail", "registry-pending")],
        rootCauses: [
          {
            id: "registry-pending",
            probe,
            subject,
            title: "Waits for approval",
            severity: "error",
            confidence: "confirmed",
            evidence: [],
            explains: [],
            why: [],
            remediation: [],
            docs: [],
          },
        ],
      };
    case "effect":
      return {
        ...reportOf("broken", hour),
        rootCauses: reportOf("broken", hour).rootCauses.map((root) => ({
          ...root,
          id: "deeper",
          subject: "deeper",
          probe: "network/deep",
        })),
      };
    case "blind":
      return {
        ...base,
        verdict: "inconclusive",
        findings: [finding("unknown", probe)],
        unknowns: [{ probe, subject, reason: "denied", consequence: "Not known", matters: true }],
      };
    case "warned":
      return { ...base, findings: [finding("warn", "registry-soft")] };
    case "not-run":
      return base;
    case "stopped":
      return { ...base, findings: [{ ...finding("skipped", probe), notReached: true }] };
  }
}

function finding(status: ReportFinding["status"], id: string): ReportFinding {
  return { id, probe, status, subject, summary: "Waits for approval", evidence: [], causedBy: [] };
}
