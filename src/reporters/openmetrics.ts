import { verdictOf } from "../model/changes.ts";
import type { Report } from "../model/report.ts";
import { clean } from "./clean.ts";
import { endedAt, labelOf } from "./identity.ts";

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The report as OpenMetrics text, for a textfile collector. Every metric is a gauge, which the older Prometheus text format
 * reads too. The labels are bounded: the target's names, words of this program and failure ids; never a subject, an
 * address or a message.
 */
export function renderOpenMetrics(report: Report): string {
  const lines: string[] = [];
  const { target } = report;
  const shared = {
    workspace: target.workspace,
    resource_group: target.resourceGroup,
    ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    ...(target.deployment === undefined ? {} : { deployment: target.deployment }),
  };
  const gauge = (name: string, help: string, samples: readonly Sample[]) => {
    if (samples.length === 0) return;
    const unit = /_(seconds)$/.exec(name)?.[1];
    lines.push(`# TYPE ${name} gauge`);
    if (unit !== undefined) lines.push(`# UNIT ${name} ${unit}`);
    lines.push(`# HELP ${name} ${help}`);
    for (const { labels, value } of samples) lines.push(`${name}${labelText({ ...shared, ...labels })} ${value}`);
  };
  const verdict = verdictOf(report);
  gauge(
    "aml_doctor_verdict",
    "Whether this is the verdict, after flap damping.",
    (["healthy", "unhealthy", "inconclusive"] as const).map((name) => ({
      labels: { verdict: name },
      value: Number(name === verdict),
    })),
  );
  gauge("aml_doctor_root_causes", "Root causes by failure id.", byId(report.rootCauses));
  gauge(
    "aml_doctor_warnings",
    "Warnings by failure id.",
    byId(report.findings.filter(({ status }) => status === "warn")),
  );
  gauge(
    "aml_doctor_findings",
    "Findings by status.",
    (["pass", "fail", "warn", "unknown", "skipped"] as const).map((status) => ({
      labels: { status },
      value: report.findings.filter((finding) => finding.status === status).length,
    })),
  );
  gauge("aml_doctor_blind_spots", "Things that matter and could not be checked.", [
    { value: report.unknowns.filter((unknown) => unknown.matters).length },
  ]);
  for (const [state, help] of Object.entries(states)) {
    const changes = report.changes?.problems.filter((change) => change.state === state);
    if (changes !== undefined) gauge(`aml_doctor_problems_${state}`, help, [{ value: changes.length }]);
  }
  if (report.changes !== undefined)
    gauge("aml_doctor_verdict_since_timestamp_seconds", "When the verdict became this one.", [
      { value: Date.parse(report.changes.verdictSince) / 1000 },
    ]);
  gauge("aml_doctor_run_complete", "1 when the run came to its end, 0 when it was cut short.", [
    { value: Number(report.complete) },
  ]);
  gauge("aml_doctor_run_duration_seconds", "How long the run took.", [{ value: report.durationMs / 1000 }]);
  gauge("aml_doctor_run_end_timestamp_seconds", "When the run ended: alert on one that is too old.", [
    { value: Date.parse(endedAt(report)) / 1000 },
  ]);
  gauge(
    "aml_doctor_run_requests",
    "Requests that the run made.",
    Object.entries({
      arm: report.stats.armRequests,
      dns: report.stats.dnsQueries,
      connection: report.stats.connections,
      retry: report.stats.retries,
    }).map(([kind, value]) => ({ labels: { kind }, value })),
  );
  return `${lines.join("\n")}\n# EOF\n`;
}

const states = {
  new: "Problems that this check confirmed.",
  open: "Problems confirmed before and seen again.",
  suspected: "Problems seen, not yet often enough to count.",
  fading: "Problems not seen now, not yet often enough to count as gone.",
  unseen: "Problems confirmed before that this check could not look at.",
  gone: "Problems that now count as gone.",
} as const;

function byId(found: readonly { readonly id: string }[]): Sample[] {
  const groups = [...Map.groupBy(found, ({ id }) => labelOf(id))].sort(([a], [b]) => (a < b ? -1 : 1));
  return groups.map(([id, group]) => ({ labels: { id }, value: group.length }));
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return clean(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
