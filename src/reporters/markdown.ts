import { verdictOf } from "../model/changes.ts";
import type { Report, ReportFinding, RootCause } from "../model/report.ts";
import { effectsOf } from "./effects.ts";
import { candidatesLead } from "./candidates.ts";
import { counted } from "./count.ts";
import { endedAt, targetName } from "./identity.ts";
import { code, codeBlock, inline, link, table } from "./markdown-text.ts";
import { writeMarkdownChanges } from "./markdown-changes.ts";

/**
 * The report as a ticket in Markdown. It answers what support asks first: what is affected, since when, from where it is
 * seen, what is meant to be isolated, what was found with which proof, what was ruled out, what was not looked at, and
 * what was tried. What only a person knows is left as a line to fill in.
 */
export function renderMarkdown(report: Report): string {
  const lines = [
    `# ${verdictOf(report).toUpperCase()}: ${inline(targetName(report))}`,
    "",
    ...summary(report),
    "",
    "## Scope",
    "",
    ...scope(report),
    ...writeMarkdownChanges(report),
    ...section("Root causes", report.rootCauses.flatMap(rootLines)),
    ...section("Also seen to fail", effects(report)),
    ...section("Warnings", report.findings.filter(({ status }) => status === "warn").flatMap(warningLines)),
    ...section("Could not be checked", unknownRows(report)),
    ...section(
      "For a person to fill in",
      questions.map((question) => `- [ ] ${question}`),
    ),
    "",
    `aml-doctor ${inline(report.tool.version)} looked from ${report.startedAt} to ${endedAt(report)} and changed nothing.`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What no measurement tells. */
const questions = [
  "What do users see, word for word, and at what time (UTC) was the last failure?",
  "Did it ever work? What changed before it stopped (networks, DNS, firewall, policies, identities)?",
  "Who is affected: every client, one network, one user?",
  "What is the business impact, and is there a way around it meanwhile?",
  "Which of the steps above have been tried, and what happened?",
];

function summary({ rootCauses, unknowns, complete }: Report): string[] {
  const open = unknowns.filter((unknown) => unknown.matters).length;
  return [
    rootCauses.length === 0 ? "No root cause was found." : `${counted(rootCauses.length, "root cause")} found.`,
    ...(open === 0
      ? []
      : [`${counted(open, "thing")} that ${open === 1 ? "matters" : "matter"} could not be checked.`]),
    ...(complete ? [] : ["The run was cut short; this is what was known by then."]),
  ];
}

function scope({ target, vantage, changes, playbook, startedAt }: Report): string[] {
  return table(
    ["Question", "Answer"],
    [
      ["Subscription", code(target.subscriptionId)],
      ["Resource group", code(target.resourceGroup)],
      ["Workspace", code(target.workspace)],
      ...(target.endpoint === undefined ? [] : [["Online endpoint", code(target.endpoint)]]),
      ...(target.deployment === undefined ? [] : [["Deployment", code(target.deployment)]]),
      ["Cloud", code(target.cloud)],
      [
        "Since when",
        changes === undefined ? `seen ${startedAt}; one run cannot tell since when` : changes.verdictSince,
      ],
      ["Seen from", `${code(vantage.name)} ${vantage.addresses.map(code).join(" ")}`],
      ["Network of that machine", vantage.vnetId === undefined ? "not known" : code(vantage.vnetId)],
      ["Its DNS servers", vantage.resolvers.map(code).join(" ") || "none"],
      [
        "Its proxy",
        Object.entries(vantage.proxy ?? {})
          .map(([name, value]) => code(`${name}=${value}`))
          .join(" ") || "none",
      ],
      ["What was looked at", code(playbook)],
    ],
  );
}

function rootLines(root: RootCause, index: number): string[] {
  const proof =
    root.confidence === "confirmed"
      ? "Confirmed"
      : `Likely${root.inferredFrom === undefined ? "" : `, inferred from ${inline(root.inferredFrom)}`}`;
  return [
    ...(index === 0 ? [] : [""]),
    `### ${index + 1}. ${inline(root.title)} (${code(root.id)})`,
    "",
    `- Subject: ${code(root.subject)}`,
    `- ${proof}, ${root.severity}`,
    ...(root.detail === undefined ? [] : [`- ${inline(root.detail)}`]),
    ...root.evidence.map(evidenceLine),
    ...effectsOf(root).map(
      ([{ summary, id }, subjects]) =>
        `- Explains: ${inline(summary)} (${code(id)}) ${subjects.map((subject) => code(subject)).join(", ")}`,
    ),
    ...root.why.map((rival) => `- Ruled out: ${code(rival.id)}, since ${inline(rival.by)}`),
    ...candidateLines(root.candidates),
    ...root.remediation.flatMap(remediationLines),
    ...root.docs.map((url) => `\nRead ${link(url)}`),
  ];
}

function candidateLines(candidates: RootCause["candidates"]): string[] {
  if (candidates === undefined) return [];
  return [
    `- ${candidatesLead(candidates.length)}`,
    ...candidates.map(({ id, title, test }) => `  - ${inline(title)} (${code(id)}). To decide: ${inline(test)}`),
  ];
}

function remediationLines(step: RootCause["remediation"][number], index: number): string[] {
  return [
    "",
    `**To mend it, ${index + 1}:** ${inline(step.summary)}`,
    ...(step.warning === undefined ? [] : ["", `**Before:** ${inline(step.warning)}`]),
    ...step.commands.flatMap(({ text, shell }) => [
      "",
      ...codeBlock(text, shell === "powershell" ? "powershell" : "sh"),
    ]),
    ...(step.takesEffect === undefined ? [] : ["", `Takes effect: ${inline(step.takesEffect)}`]),
    ...(step.verify.length === 0 ? [] : ["", "Verify:", "", ...step.verify.map((check) => `- ${code(check)}`)]),
  ];
}

function effects({ findings, rootCauses }: Report): string[] {
  const roots = new Set(rootCauses.map(({ id, subject }) => JSON.stringify([id, subject])));
  return findings
    .filter(({ status, id, subject }) => status === "fail" && !roots.has(JSON.stringify([id, subject])))
    .map(({ summary: text, id, subject, causedBy }) => {
      const causes = causedBy.length === 0 ? "" : `, caused by ${causedBy.map(code).join(", ")}`;
      return `- ${inline(text)} (${code(id)}) ${code(subject)}${causes}`;
    });
}

function warningLines({ summary: text, id, subject, detail, evidence }: ReportFinding): string[] {
  return [
    `- ${inline(text)} (${code(id)}) ${code(subject)}${detail === undefined ? "" : `: ${inline(detail)}`}`,
    ...evidence.map((one) => `  ${evidenceLine(one)}`),
  ];
}

function unknownRows({ unknowns }: Report): string[] {
  if (unknowns.length === 0) return [];
  return table(
    ["Check", "Why not", "Would need", "What stays open"],
    unknowns.map(({ probe, reason, permission, role, consequence, candidates = [], matters }) => [
      code(probe),
      inline(reason),
      permission === undefined ? "" : `${code(permission)}${role === undefined ? "" : ` (role ${inline(role)})`}`,
      `${inline(consequence)}${candidates.map(({ id, test }) => `; ${code(id)}? ${inline(test)}`).join("")}${matters ? "" : " (the verdict holds without it)"}`,
    ]),
  );
}

function evidenceLine({ source, observed, expected }: RootCause["evidence"][number]): string {
  return `- Evidence: ${code(source)}: ${inline(observed)}${expected === undefined ? "" : ` (expected ${inline(expected)})`}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `## ${title}`, "", ...lines];
}
