import { workspaceId } from "../model/arm-id.ts";
import type { FoundVerdict } from "../model/finding.ts";
import type { Report, ReportFinding, RootCause, Unknown } from "../model/report.ts";
import { isFailing, isFound, isUnknown, type Finding, type FoundFinding } from "./finding.ts";
import type { Explanation, Root } from "./causes.ts";
import { messageOf, type EngineLog } from "./log.ts";

/** The judged part of a report: everything that follows from the findings alone. */
export type Judged = Pick<Report, "verdict" | "rootCauses" | "findings" | "unknowns">;

type Steps = RootCause["remediation"];

/** Writes the findings and their explanation down as a report does. What names no subject is about `target`'s workspace.
 * A text of a reason that throws is left out and logged: the fault itself was proved and stays. */
export function assemble(
  findings: readonly Finding[],
  explanation: Explanation,
  target: Report["target"],
  log?: EngineLog,
): Judged {
  const workspace = workspaceId(target);
  const rootCauses = explanation.roots.map((root, place) => rootCauseOf(root, explanation.roots.slice(place + 1), log));
  const unknowns = unknownsOf(findings, explanation, workspace);
  const order = new Map([...new Set(findings.map((finding) => finding.probe))].map((probe, index) => [probe, index]));
  const placed = findings.map((finding) => ({
    place: order.get(finding.probe) ?? 0,
    written: reportFindingOf(finding, explanation, workspace, log),
  }));
  placed.sort((a, b) => a.place - b.place || compare(a.written.subject, b.written.subject));
  return {
    verdict:
      rootCauses.length > 0 ? "unhealthy" : unknowns.some((unknown) => unknown.matters) ? "inconclusive" : "healthy",
    rootCauses,
    findings: placed.map((place) => place.written),
    unknowns,
  };
}

function reportFindingOf(
  finding: Finding,
  explanation: Explanation,
  workspace: string,
  log: EngineLog | undefined,
): ReportFinding {
  const { probe } = finding;
  const base = {
    probe: probe.id,
    status: finding.status,
    subject: finding.verdict.subject ?? workspace,
    causedBy: [...explanation.causedBy(finding)],
  };
  if (isFound(finding)) {
    const open = explanation.openCauses(finding);
    return {
      ...base,
      id: finding.verdict.reason,
      summary: finding.reason.title,
      ...detailOf(finding, log),
      confidence: finding.verdict.confidence,
      evidence: [...finding.verdict.evidence],
      ...(open.length === 0 ? {} : { possiblyCausedBy: open.map(({ id }) => id) }),
      ...(isFailing(finding) ? {} : { remediation: remediationOf(finding, log) }),
    };
  }
  const { verdict } = finding;
  switch (verdict.is) {
    case "pass":
      return { ...base, id: probe.id, summary: verdict.summary ?? probe.title, evidence: [...verdict.evidence] };
    case "skip":
      return {
        ...base,
        id: probe.id,
        summary: verdict.why,
        evidence: [],
        ...(verdict.notReached === undefined ? {} : { notReached: verdict.notReached }),
      };
    case "unknown":
      return { ...base, id: probe.id, summary: verdict.reason, evidence: [] };
  }
}

function rootCauseOf(root: Root, later: readonly Root[], log: EngineLog | undefined): RootCause {
  const [first] = root.findings;
  // What several causes broke is started again after the last of them is mended: before that it would fail once more.
  const startable = root.explains.filter((effect) => !later.some(({ explains }) => explains.includes(effect)));
  const verdicts = root.findings.map((finding) => finding.verdict);
  const inferred = verdicts.find((verdict) => verdict.inferredFrom !== undefined)?.inferredFrom;
  const confirmed = verdicts.some((verdict) => verdict.confidence === "confirmed");
  return {
    id: first.verdict.reason,
    probe: first.probe.id,
    subject: first.verdict.subject,
    title: first.reason.title,
    ...detailOf(first, log),
    severity: first.reason.severity,
    confidence: confirmed ? "confirmed" : "likely",
    ...(confirmed || inferred === undefined ? {} : { inferredFrom: inferred }),
    evidence: distinct(verdicts.flatMap((verdict) => verdict.evidence)),
    explains: root.explains.map((effect) => ({
      id: effect.verdict.reason,
      subject: effect.verdict.subject,
      summary: effect.reason.title,
    })),
    why: distinct(verdicts.flatMap((verdict) => verdict.ruledOut)),
    ...(root.openCauses.length === 0
      ? {}
      : { possiblyCausedBy: root.openCauses.map(({ id }) => id), candidates: [...root.openCauses] }),
    ...(root.findings.every((finding) => healsByItself(finding, log)) ? { healing: "by-itself" } : {}),
    remediation: withRetries(
      distinct(root.findings.flatMap((finding) => remediationOf(finding, log))),
      { ...root, explains: startable },
      log,
    ),
    docs: [...first.probe.docs],
  };
}

function detailOf({ probe, verdict, reason }: FoundFinding, log: EngineLog | undefined): { detail?: string } {
  const detail = textOf(verdict, () => reason.detail?.(verdict), probe.id, log);
  return detail === undefined ? {} : { detail };
}

function healsByItself({ probe, verdict, reason }: FoundFinding, log: EngineLog | undefined): boolean {
  return textOf(verdict, () => reason.heals?.(verdict), probe.id, log) === true;
}

function remediationOf({ probe, verdict, reason }: FoundFinding, log: EngineLog | undefined): Steps {
  const fixes = [textOf(verdict, () => reason.fix(verdict), probe.id, log) ?? []].flat();
  return fixes.map((fix) => ({ ...fix, commands: [...fix.commands], verify: [...fix.verify] }));
}

/** Mending a cause does not start again what failed of it: the retries of the effects come last, alike ones as one, without
 * what an earlier step already starts. None where the mend makes a new one in place of what failed. */
function withRetries(fixes: Steps, root: Root, log: EngineLog | undefined): Steps {
  const isMadeAnew = root.findings.every(
    ({ probe, verdict, reason }) => textOf(verdict, () => reason.anew?.(verdict), probe.id, log) === true,
  );
  if (isMadeAnew) return fixes;
  const told = new Set(fixes.flatMap(({ commands }) => commands.map(({ text }) => text)));
  const retries = root.explains.flatMap(
    ({ probe, verdict, reason }) => textOf(verdict, () => reason.retry?.(verdict), probe.id, log) ?? [],
  );
  const fresh = retries.filter(({ commands }) => !commands.every(({ text }) => told.has(text)));
  const merged = [...Map.groupBy(fresh, ({ summary }) => summary).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return {
      ...first,
      commands: distinct(alike.flatMap(({ commands }) => commands)),
      verify: distinct(alike.flatMap(({ verify }) => verify)),
    };
  });
  return [...fixes, ...merged];
}

function textOf<T>(verdict: FoundVerdict, write: () => T, probe: string, log: EngineLog | undefined): T | undefined {
  try {
    return write();
  } catch (thrown) {
    log?.error({ probe, reason: verdict.reason, err: messageOf(thrown) }, "text of a reason threw");
    return undefined;
  }
}

/** Open questions; those of one probe that the same permission would answer for the same subject are told once. */
function unknownsOf(findings: readonly Finding[], explanation: Explanation, workspace: string): Unknown[] {
  const told = findings.filter(isUnknown).map((finding): Unknown => {
    const { probe, verdict } = finding;
    return {
      probe: probe.id,
      subject: verdict.subject ?? workspace,
      reason: verdict.reason,
      ...(verdict.permission === undefined ? {} : { permission: verdict.permission }),
      ...(verdict.role === undefined ? {} : { role: verdict.role }),
      ...(verdict.scope === undefined ? {} : { scope: verdict.scope }),
      consequence: verdict.consequence ?? probe.consequence ?? `"${probe.title}" could not be decided`,
      ...(verdict.candidates === undefined ? {} : { candidates: [...explanation.candidates(finding)] }),
      matters: verdict.matters && probe.advisory !== true,
    };
  });
  const groups = Map.groupBy(told, (unknown) =>
    JSON.stringify([unknown.probe, unknown.subject.toLowerCase(), unknown.permission?.toLowerCase()]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const reason = [...new Set(group.map((unknown) => unknown.reason))].join("; ");
    return [{ ...first, reason, matters: group.some((unknown) => unknown.matters) }];
  });
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
