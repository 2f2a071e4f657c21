import type { Report, ReportFinding, Unknown } from "../../model/report.ts";
import { markup, type Markup } from "./markup.ts";
import { candidateList, evidenceTable, findingLine, section } from "./pieces.ts";
import { remedy } from "./remedy.ts";

/** Failures that no root cause tells of. There should be none; a failure that nobody shows would be worse. */
export function unexplained({ findings, rootCauses }: Report): Markup | undefined {
  const key = ({ id, subject }: { id: string; subject: string }) => `${id} ${subject.toLowerCase()}`;
  const told = new Set(rootCauses.flatMap((root) => [root, ...root.explains].map(key)));
  const rest = findings.filter((finding) => finding.status === "fail" && !told.has(key(finding)));
  return rest.length === 0 ? undefined : section("failing", "Also failing", markup`<ul>${rest.map(findingLine)}</ul>`);
}

/** True findings that break nothing by themselves. */
export function warnings({ findings }: Report): Markup | undefined {
  const some = findings.filter(({ status }) => status === "warn");
  if (some.length === 0) return undefined;
  return section(
    "warnings",
    "Warnings",
    some.map(
      (
        warning,
      ) => markup`<details class="caution"><summary>${warning.summary} <span class="id">${warning.id}</span></summary>
<p><code class="subject">${warning.subject}</code></p>
${warning.detail === undefined ? undefined : markup`<p>${warning.detail}</p>`}
${evidenceTable(warning.evidence)}
${remedy(warning.remediation ?? [])}
</details>
`,
    ),
    "They are true, and break nothing by themselves.",
  );
}

/** What could not be checked, and what would let it be. One hindrance is told once, however many checks it hinders. */
export function unknowns({ unknowns: open }: Report): Markup | undefined {
  if (open.length === 0) return undefined;
  const groups = [
    ...Map.groupBy(open, ({ matters, permission, reason, candidates }) =>
      JSON.stringify([matters, permission, reason, candidates]),
    ).values(),
  ];
  // What the verdict hangs on comes first; the sort is stable, so the rest keeps its order.
  groups.sort(([a], [b]) => Number(b?.matters ?? false) - Number(a?.matters ?? false));
  return section(
    "unknowns",
    "Could not be checked",
    markup`<div class="scroll" role="region" aria-label="Table of what could not be checked" tabindex="0"><table><thead><tr><th scope="col">What hindered it</th><th scope="col">Would need</th><th scope="col">What stays open</th><th scope="col">Verdict</th></tr></thead>
<tbody>
${groups.map(hindrance)}</tbody></table></div>`,
  );
}

function hindrance(group: readonly Unknown[]): Markup | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const open = [...new Set(group.map(({ consequence }) => consequence))];
  const checks = [...new Set(group.map(({ probe, subject }) => (subject === "" ? probe : `${probe} on ${subject}`)))];
  return markup`<tr><td>${first.reason}</td><td>${permissionOf(first)}</td><td>${open.map((text) => markup`<p>${text}</p>`)}${candidateList(first.candidates)}<details><summary>${checks.length === 1 ? "1 check" : `${checks.length} checks`}</summary><ul>${checks.map((text) => markup`<li><code>${text}</code></li>`)}</ul></details></td><td>${first.matters ? "hangs on it" : "holds without it"}</td></tr>
`;
}

function permissionOf({ permission, role }: Unknown): Markup | string {
  if (permission === undefined) return "–";
  return markup`<code>${permission}</code>${role === undefined ? "" : ` (role ${role})`}`;
}

const foldedStatuses = [
  ["fail", "Consequences", "explained by the root causes"],
  ["pass", "Passed", "as they should be"],
  ["skipped", "Did not apply", "no such thing here"],
] as const;

/** Everything else, folded. */
export function everythingElse({ findings }: Report): Markup | undefined {
  const folded = foldedStatuses.flatMap(([status, heading, meaning]) => {
    const some = findings.filter(
      (finding) => finding.status === status && (status !== "fail" || finding.causedBy.length > 0),
    );
    if (some.length === 0) return [];
    return [
      markup`<details><summary>${heading}: ${some.length} <span class="faint">${meaning}</span></summary><ul class="findings">${some.map(foldedLine)}</ul></details>
`,
    ];
  });
  return folded.length === 0 ? undefined : section("rest", "Everything else", folded);
}

function foldedLine(finding: ReportFinding): Markup {
  if (finding.status !== "fail") return findingLine(finding);
  return markup`<li>${finding.summary} <span class="id">${finding.id}</span>, because of ${finding.causedBy.map((id) => markup`<span class="id">${id}</span> `)}<br><code class="faint">${finding.subject}</code>${evidenceTable(finding.evidence)}</li>
`;
}
