import type { Fit, MatrixRow } from "../../model/picture.ts";
import type { Report } from "../../model/report.ts";
import { markup, type Content, type Markup } from "./markup.ts";
import { section, sign } from "./pieces.ts";

/** What is meant to be against what was measured, name by name: each resolver's answer, and how far a connection to each
 * address came. */
export function matrix({ matrix: rows }: Report): Markup | undefined {
  if (rows === undefined || rows.length === 0) return undefined;
  const servers = [...new Set(rows.flatMap(({ resolvers }) => resolvers.map(({ server }) => server)))];
  const bad = rows.filter(isBad).length;
  const lead = `${bad === 0 ? "Every name is as it is meant to be" : `${bad} of ${rows.length} names ${bad === 1 ? "is" : "are"} not as meant`}, seen from this machine. ✔ as meant, ✖ not as meant, ? not decided by this alone.`;
  // Azure's own DNS has a column already when it is the machine's resolver.
  const azure = rows.some((row) => !servers.includes(row.azure.server));
  return section(
    "matrix",
    "What is meant, and what is",
    markup`<div class="scroll" role="region" aria-label="Table of names" tabindex="0">
<table class="matrix">
<thead><tr><th scope="col">Name</th><th scope="col">Private endpoint has</th><th scope="col">This machine gets</th>${servers.map((server) => markup`<th scope="col">Resolver <code>${server}</code></th>`)}${azure ? markup`<th scope="col">Azure DNS</th>` : undefined}<th scope="col">Address dialled</th><th scope="col">TCP</th><th scope="col">TLS</th><th scope="col">HTTP</th></tr></thead>
${rows.map((row) => rowOf(row, servers, azure))}</table>
</div>`,
    lead,
  );
}

function isBad(row: MatrixRow): boolean {
  return (
    row.system.fit === "bad" ||
    row.reaches.some(
      (reach) => reach.expected && [reach.tcp, reach.tls, reach.http].some((stage) => stage?.fit === "bad"),
    )
  );
}

/** A row group for one name; one line for each address that was dialled. */
function rowOf(row: MatrixRow, servers: readonly string[], azure: boolean): Markup {
  const height = Math.max(1, row.reaches.length);
  const wide = (content: Content) => markup`<td rowspan="${height}">${content}</td>`;
  const [first, ...more] = row.reaches;
  const asked = servers.map((server) => {
    const answer = row.resolvers.find((one) => one.server === server);
    return wide(answer === undefined ? "–" : cell(answer));
  });
  return markup`<tbody${isBad(row) ? markup` class="wrong"` : undefined}>
<tr><th scope="rowgroup" rowspan="${height}"><span class="service">${row.service}</span><br><code>${row.fqdn}</code>${row.private ? undefined : markup`<br><span class="faint">may be public</span>`}</th>
${wide(row.expected.length === 0 ? markup`<span class="faint">none</span>` : markup`<code>${row.expected.join(", ")}</code>`)}
${wide(cell(row.system))}${asked}${azure ? wide(cell(row.azure)) : undefined}
${reachCells(first)}</tr>
${more.map(
  (reach) => markup`<tr>${reachCells(reach)}</tr>
`,
)}</tbody>
`;
}

function reachCells(reach: MatrixRow["reaches"][number] | undefined): Markup {
  if (reach === undefined) return markup`<td colspan="4" class="faint">not dialled</td>`;
  const { address, expected, tcp, tls, http } = reach;
  return markup`<td><code>${address}</code>${expected ? undefined : markup`<br><span class="faint">not expected</span>`}</td><td>${cell(tcp)}</td><td>${tls === undefined ? "–" : cell(tls)}</td><td>${http === undefined ? "–" : cell(http)}</td>`;
}

const spoken: Readonly<Record<Fit, string>> = { good: "as meant", bad: "not as meant", open: "not decided" };

function cell({ text, fit }: { readonly text: string; readonly fit: Fit }): Markup {
  return markup`<span class="cell ${fit}">${sign(fit)}<span class="spoken">${spoken[fit]}: </span><code>${text}</code></span>`;
}
