import type { Report, ReportFinding, RootCause } from "../../model/report.ts";
import { candidatesLead } from "../candidates.ts";
import { cleanLines } from "../clean.ts";
import { markup, lines, type Content, type Markup } from "./markup.ts";

/** A sign for each state. It is drawn beside words that say the same, and hidden from screen readers. */
export const signs = {
  good: "✔",
  bad: "✖",
  open: "?",
  warn: "!",
  none: "–",
} as const;
export type Sign = keyof typeof signs;

/** A sign in its colour. */
export function sign(kind: Sign): Markup {
  return markup`<span class="sign ${kind}" aria-hidden="true">${signs[kind]}</span>`;
}

/** A section with its heading; `lead` is a sentence under it. Sections without content are left out by their makers. */
export function section(id: string, heading: string, content: Content, lead?: string): Markup {
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${lead === undefined ? undefined : markup`<p class="lead">${lead}</p>`}
${content}
</section>
`;
}

/** A link to a page to read on; text that is no web address stays text. */
export function link(url: string): Markup {
  return /^https:\/\/[^\s/]/.test(url) ? markup`<a href="${url}" rel="noreferrer">${url}</a>` : markup`${url}`;
}

/** A command to paste. The page's script adds a button to copy it. */
export function command(text: string, name: string): Markup {
  return markup`<div class="command"><pre tabindex="0" aria-label="${name}"><code>${lines(cleanLines(text))}</code></pre></div>`;
}

/** What was seen, where, and what it should have been. */
export function evidenceTable(evidence: RootCause["evidence"]): Markup | undefined {
  if (evidence.length === 0) return undefined;
  const rows = evidence.map(
    ({
      source,
      observed,
      expected,
    }) => markup`<tr><td><code>${source}</code></td><td>${observed}</td><td>${expected ?? "–"}</td></tr>
`,
  );
  return markup`<table class="evidence"><thead><tr><th scope="col">Where it was seen</th><th scope="col">Seen</th><th scope="col">Expected</th></tr></thead>
<tbody>
${rows}</tbody></table>`;
}

/** The causes between which the evidence does not decide, each with the test that would. */
export function candidateList(candidates: RootCause["candidates"]): Markup | undefined {
  if (candidates === undefined) return undefined;
  return markup`<p class="note">${candidatesLead(candidates.length)}</p><ul>${candidates.map(({ id, title, test }) => markup`<li>${title} <span class="id">${id}</span><br>To decide: ${test}</li>`)}</ul>`;
}

/** A failing or other finding on one line of a list. */
export function findingLine({ id, subject, summary }: Pick<ReportFinding, "id" | "subject" | "summary">): Markup {
  return markup`<li>${summary} <span class="id">${id}</span>${subject === "" ? undefined : markup`<br><code class="faint">${subject}</code>`}</li>
`;
}

/** How a report names what it is about. */
export function targetName({ target }: Report): string {
  return [target.workspace, target.endpoint, target.deployment].filter((name) => name !== undefined).join(" / ");
}
