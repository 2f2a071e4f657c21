import { factsOf, needsOf } from "../../src/engine/fact-graph.ts";
import type { Probe, Reason } from "../../src/model/probe.ts";
import type { Remediation } from "../../src/model/remediation.ts";
import type { Knowledge } from "./knowledge.ts";
import { withStandIns } from "./stand-in.ts";

/** One failure's page in Markdown: explanation, what one sees, what proves it, look-alikes, how to mend it, sources. */
export function failurePage(id: string, knowledge: Knowledge): string {
  const { probes, prose, explanations } = knowledge;
  const probe = probes.probeOfReason(id);
  const reason = probe?.reasons[id];
  if (probe === undefined || reason === undefined) throw new Error(`there is no failure ${id}`);
  const own = proseParts(prose.get(id) ?? "");
  const parts = [
    `# ${id}`,
    `**${reason.title}.**`,
    `${reason.severity === "error" ? "An error: something does not work because of it." : "A warning: it breaks nothing by itself."} Found by the check \`${probe.id}\`.`,
    ...(own.get("") ?? []),
    "## What you see",
    ...(own.get("What you see") ?? []),
    ...symptoms(probe, reason, id, knowledge),
    "## What proves it",
    ...(own.get("What proves it") ?? []),
    ...(explanations.get(probe.id) ?? []).map(escapeHtml),
    `Where all is well, the check says: ${escapeHtml(probe.title)}.`,
    evidence(probe),
    ...lookAlikes(id, reason, knowledge, own.get("Look-alikes") ?? []),
    ...causes(id, knowledge),
    "## How to mend it",
    ...(own.get("How to mend it") ?? []),
    ...mending(id, reason),
    "## Sources",
    [...new Set(probe.docs)].map((url) => `- <${url}>`).join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Prose by its `## ` headings; what stands before the first is under the empty heading. */
function proseParts(text: string): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, readonly string[]>();
  for (const part of `\n${text}`.split(/\n(?=## )/)) {
    const [, heading = "", body = ""] = /^(?:## (.*)\n)?([\s\S]*)$/.exec(part.trimStart()) ?? [];
    if (body.trim() !== "") parts.set(heading.trim(), [body.trim()]);
  }
  return parts;
}

function symptoms(probe: Probe, reason: Reason, id: string, { playbooks }: Knowledge): string[] {
  const area = `${probe.id.split("/")[0] ?? ""}/*`;
  const leading = playbooks.filter(({ steps }) => steps.some((step) => step.probe === probe.id || step.probe === area));
  const detail = withStandIns(id, (found) => reason.detail?.(found));
  return [
    ...(detail === undefined || /^[A-Z-]+\.?$/.test(detail)
      ? []
      : [`The report says, with real names for the words in capitals:`, `> ${escapeHtml(detail)}`]),
    ...(leading.length === 0
      ? []
      : [
          "It is looked for when the complaint is:",
          leading
            .map(({ id: playbook, symptom }) => `- ${escapeHtml(symptom)} (\`--playbook ${playbook}\`)`)
            .join("\n"),
        ]),
  ];
}

/** What is looked at directly, and every read that it takes to get there. */
function evidence(probe: Probe): string {
  const looked = needsOf(probe.needs).map(({ fact }) => fact.key);
  const reads = new Set(factsOf([probe.needs]).flatMap((fact) => fact.reads));
  const code = (items: Iterable<string>) =>
    [...items]
      .sort()
      .map((item) => `\`${item}\``)
      .join(", ");
  return [`- Facts: ${code(looked)}`, ...(reads.size === 0 ? [] : [`- Permissions: ${code(reads)}`])].join("\n");
}

function lookAlikes(id: string, reason: Reason, { probes }: Knowledge, own: readonly string[]): string[] {
  const named = new Set(reason.rivals ?? []);
  // A rivalry holds both ways, whichever of the two names it.
  for (const probe of probes.probes)
    for (const [other, { rivals }] of Object.entries(probe.reasons)) if (rivals?.includes(id)) named.add(other);
  named.delete(id);
  if (named.size === 0 && own.length === 0) return [];
  return ["## Look-alikes", ...own, ...(named.size === 0 ? [] : [listed([...named].sort(), probes)])];
}

function causes(id: string, { probes }: Knowledge): string[] {
  const behind = probes.causesOf(id).map(({ reason }) => reason);
  const effects = probes.probes
    .flatMap((probe) => Object.keys(probe.reasons))
    .filter((other) => probes.causesOf(other).some(({ reason }) => reason === id));
  return [
    ...(behind.length === 0
      ? []
      : [
          "## What can be behind it",
          "When one of these is found for the same thing, it is the cause and this its consequence:",
          listed([...new Set(behind)].sort(), probes),
        ]),
    ...(effects.length === 0 ? [] : ["## What it leads to", listed([...new Set(effects)].sort(), probes)]),
  ];
}

function listed(ids: readonly string[], probes: Knowledge["probes"]): string {
  return ids
    .map((id) => {
      const title = probes.probeOfReason(id)?.reasons[id]?.title;
      return title === undefined ? `- \`${id}\`` : `- [${id}](${id}.md): ${escapeHtml(title)}`;
    })
    .join("\n");
}

function mending(id: string, reason: Reason): string[] {
  const steps = withStandIns(id, (found) => [reason.fix(found)].flat());
  if (steps === undefined) return ["The report prints the steps and commands with the real names."];
  return [
    "The report prints the steps with real names for the words in capitals, chosen by what it saw; such as:",
    ...steps.map(step),
  ];
}

function step({ summary, warning, takesEffect, commands, verify, docs }: Remediation, index: number): string {
  const code = (lines: readonly string[]) => `\`\`\`sh\n${lines.join("\n")}\n\`\`\``;
  const pasted = verify.filter((check) => /^(az|kubectl|dig|nslookup|curl|openssl|nc) /.test(check));
  const told = verify.filter((check) => !pasted.includes(check));
  return [
    `${index + 1}. ${escapeHtml(summary)}.`,
    ...(warning === undefined ? [] : [`**Before you do:** ${escapeHtml(warning)}`]),
    ...(commands.length === 0 ? [] : [code(commands.map(({ text }) => text))]),
    ...(takesEffect === undefined ? [] : [`Takes effect: ${escapeHtml(takesEffect)}.`]),
    ...told.map((check) => `It worked when: ${escapeHtml(check)}.`),
    ...(pasted.length === 0 ? [] : ["See that it worked:", code(pasted)]),
    ...(docs === undefined ? [] : [`Read <${docs}>.`]),
  ]
    .join("\n\n")
    .replace(/\.\.(\n|$)/g, ".$1");
}

/** Text of ours that holds a `<` must not become markup where the page is shown. What stands between backticks is shown
 * as it is. */
function escapeHtml(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("*", "\\*"),
    )
    .join("");
}
