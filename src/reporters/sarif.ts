import type { Change } from "../model/changes.ts";
import type { Report, ReportFinding, RootCause, Unknown } from "../model/report.ts";
import { clean, cleanLines, escapeJson } from "./clean.ts";
import { endedAt, targetName } from "./identity.ts";
import { wantedOf } from "./wanted.ts";

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** One result; only what is used of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html section 3.27. */
interface Result {
  readonly ruleId: string;
  readonly kind: "fail" | "open";
  readonly level: "error" | "warning" | "note" | "none";
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  readonly partialFingerprints: { readonly "problem/v1": string };
  readonly baselineState?: "new" | "unchanged" | "absent";
  readonly properties?: object;
}

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly help?: { readonly text: string };
  readonly helpUri?: string;
}

/**
 * The report as SARIF 2.1.0. A root cause is a failing result; its effects are notes that name it; what could not be
 * checked and matters is an open one. Subjects are logical locations, since an estate has no files. Of a check, each
 * result says whether it is new, and what is gone is listed as absent.
 */
export function renderSarif(report: Report): string {
  const rules = new Map<string, Rule>();
  const results = [
    ...report.rootCauses.map((root) => rootResult(root, rules, report)),
    ...report.findings.flatMap((finding) => findingResult(finding, rules, report) ?? []),
    ...report.unknowns.filter((unknown) => unknown.matters).map((unknown) => unknownResult(unknown, rules, report)),
    ...(report.changes?.problems ?? [])
      .filter(({ state }) => state === "gone")
      .map((change) => goneResult(change, rules)),
  ];
  const log = {
    $schema: schema,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "aml-doctor", version: report.tool.version, rules: [...rules.values()] } },
        automationDetails: { id: `aml-doctor/${line(targetName(report)).replaceAll(" / ", "/")}/` },
        invocations: [
          {
            executionSuccessful: report.complete,
            startTimeUtc: report.startedAt,
            endTimeUtc: endedAt(report),
            machine: line(report.vantage.name),
          },
        ],
        columnKind: "utf16CodeUnits",
        results,
        properties: { verdict: report.verdict, target: report.target, playbook: report.playbook },
      },
    ],
  };
  return `${escapeJson(JSON.stringify(log, null, 2))}\n`;
}

function rootResult(root: RootCause, rules: Map<string, Rule>, report: Report): Result {
  const help = root.remediation.flatMap(({ summary, commands }) => [summary, ...commands.map(({ text }) => text)]);
  note(rules, root.id, root.title, { ...(help.length === 0 ? {} : { help }), docs: root.docs });
  return {
    ruleId: line(root.id),
    kind: "fail",
    level: root.severity,
    message: { text: block([root.detail ?? root.title, ...evidenceLines(root.evidence)]) },
    ...placed("root-cause", root, report),
    properties: { confidence: root.confidence, remediation: root.remediation },
  };
}

function findingResult(finding: ReportFinding, rules: Map<string, Rule>, report: Report): Result | undefined {
  const { id, subject, status, summary, detail, causedBy } = finding;
  const isRoot = report.rootCauses.some((root) => root.id === id && root.subject === subject);
  if (isRoot || (status !== "fail" && status !== "warn")) return undefined;
  note(rules, id, summary);
  const effect = status === "fail" && causedBy.length > 0;
  return {
    ruleId: line(id),
    kind: "fail",
    level: effect ? "note" : status === "fail" ? "error" : "warning",
    message: {
      text: block([
        detail ?? summary,
        ...(causedBy.length === 0 ? [] : [`Caused by: ${causedBy.join(", ")}`]),
        ...evidenceLines(finding.evidence),
      ]),
    },
    ...placed("warning", finding, report),
  };
}

function unknownResult(unknown: Unknown, rules: Map<string, Rule>, report: Report): Result {
  note(rules, unknown.probe, unknown.consequence);
  const grant = wantedOf(unknown);
  const wanted = grant === undefined ? [] : [`Would need: ${grant}`];
  return {
    ruleId: line(unknown.probe),
    kind: "open",
    level: "none",
    message: { text: block([unknown.consequence, unknown.reason, ...wanted]) },
    ...placed("blind-spot", { id: unknown.probe, subject: unknown.subject }, report),
  };
}

function goneResult(change: Change, rules: Map<string, Rule>): Result {
  note(rules, change.id, change.title);
  return {
    ruleId: line(change.id),
    kind: "fail",
    level: "none",
    message: { text: block([`Gone, last seen ${change.until ?? change.since}: ${change.title}`]) },
    ...place(change),
    baselineState: "absent",
  };
}

function note(
  rules: Map<string, Rule>,
  id: string,
  title: string,
  more: { help?: readonly string[]; docs?: readonly string[] } = {},
): void {
  const known = line(id);
  if (rules.has(known)) return;
  const uri = more.docs?.find((url) => /^https:\/\/[^\s"<>\\^`{|}]+$/.test(url));
  rules.set(known, {
    id: known,
    shortDescription: { text: line(title) },
    ...(more.help === undefined ? {} : { help: { text: block(more.help) } }),
    ...(uri === undefined ? {} : { helpUri: line(uri) }),
  });
}

function placed(kind: Change["kind"], about: { id: string; subject: string }, report: Report) {
  const change = report.changes?.problems.find(
    (other) =>
      other.kind === kind && other.id === about.id && other.subject.toLowerCase() === about.subject.toLowerCase(),
  );
  if (change === undefined) return place(about);
  return { ...place(about), baselineState: change.state === "new" ? ("new" as const) : ("unchanged" as const) };
}

function place({ id, subject }: { id: string; subject: string }) {
  const name = line(subject);
  return {
    locations:
      name === ""
        ? []
        : [
            {
              logicalLocations: [{ name: name.split("/").at(-1) ?? name, fullyQualifiedName: name, kind: "resource" }],
            },
          ],
    partialFingerprints: { "problem/v1": `${line(id)} ${name.toLowerCase()}` },
  };
}

function evidenceLines(evidence: RootCause["evidence"]): string[] {
  return evidence.map(
    ({ source, observed, expected }) =>
      `${source}: ${observed}${expected === undefined ? "" : ` (expected ${expected})`}`,
  );
}

function line(text: string): string {
  return clean(text);
}

function block(lines: readonly string[]): string {
  return lines.flatMap(cleanLines).join("\n");
}
