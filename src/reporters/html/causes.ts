import type { Report, RootCause } from "../../model/report.ts";
import { effectsOf, type Effect } from "../effects.ts";
import { markup, type Markup } from "./markup.ts";
import { candidateList, evidenceTable, link, section } from "./pieces.ts";
import { remedy } from "./remedy.ts";

/** Each root cause: what is wrong with what, the proof, what it explains, how to mend it. */
export function causes({ rootCauses }: Report): Markup | undefined {
  if (rootCauses.length === 0) return undefined;
  const heading = rootCauses.length === 1 ? "The root cause" : `The ${rootCauses.length} root causes`;
  return section("causes", heading, rootCauses.map(cause));
}

function cause(root: RootCause, index: number): Markup {
  const heading = `cause-${index + 1}`;
  const told = new Set(root.remediation.map(({ docs }) => docs));
  const docs = root.docs.filter((url) => !told.has(url));
  return markup`<article class="cause" aria-labelledby="${heading}">
<h3 id="${heading}"><span class="number">${index + 1}</span> ${root.title}</h3>
<p class="tags"><span class="id">${root.id}</span> <span class="tag ${root.confidence === "confirmed" ? "sure" : "unsure"}">${root.confidence}</span></p>
<p><code class="subject">${root.subject}</code></p>
${root.detail === undefined ? undefined : markup`<p class="detail">${root.detail}</p>`}
${root.confidence === "likely" ? markup`<p class="note">Likely, not proved${root.inferredFrom === undefined ? undefined : markup`: inferred from ${root.inferredFrom}`}.</p>` : undefined}
${candidateList(root.candidates)}
${root.evidence.length === 0 ? undefined : markup`<h4>Evidence</h4>`}
${evidenceTable(root.evidence)}
${root.explains.length === 0 ? undefined : markup`<h4>It explains</h4><ul>${effectsOf(root).map(effect)}</ul>`}
${root.remediation.length === 0 ? undefined : markup`<h4>To mend it</h4>`}
${remedy(root.remediation)}
${root.why.length === 0 ? undefined : markup`<details><summary>Ruled out: ${root.why.length}</summary><ul>${root.why.map(({ id, by }) => markup`<li><span class="id">${id}</span> ${by}</li>`)}</ul></details>`}
${docs.length === 0 ? undefined : markup`<p class="docs">Read ${docs.map((url, place) => markup`${place === 0 ? "" : " · "}${link(url)}`)}</p>`}
</article>
`;
}

/** One kind of consequence, with everything that it was seen at. */
function effect([{ summary, id }, subjects]: Effect): Markup {
  return markup`<li>${summary} <span class="id">${id}</span>${subjects.map((subject) => (subject === "" ? undefined : markup`<br><code class="faint">${subject}</code>`))}</li>
`;
}
