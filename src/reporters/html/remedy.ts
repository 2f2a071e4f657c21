import type { RootCause } from "../../model/report.ts";
import { markup, type Markup } from "./markup.ts";
import { command, link, sign } from "./pieces.ts";

type Step = RootCause["remediation"][number];

/** A check that is a command to paste, and not a sentence. */
const pasted = /^(az|kubectl|helm|dig|nslookup|getent|curl|openssl|nc|aml-doctor|Resolve-DnsName|Test-NetConnection) /;

/** The steps that mend a cause, in order: what to know, what to run, how to see that it worked. */
export function remedy(steps: readonly Step[]): Markup | undefined {
  if (steps.length === 0) return undefined;
  return markup`<ol class="steps">
${steps.map((step) => stepItem(step))}</ol>
`;
}

function stepItem(step: Step): Markup {
  const { summary, warning, commands, takesEffect, verify, docs } = step;
  return markup`<li><p><strong>${summary}</strong></p>
${warning === undefined ? undefined : markup`<p class="note">${sign("warn")} <strong>Before you do:</strong> ${warning}</p>`}
${commands.map(({ text }, index) => command(text, `Command ${index + 1}: ${summary}`))}
${takesEffect === undefined ? undefined : markup`<p class="faint">Takes effect: ${takesEffect}</p>`}
${verify.length === 0 ? undefined : markup`<p class="label">How to see that it worked</p>`}
${verify.map((check) => (pasted.test(check) ? command(check, `Check: ${summary}`) : markup`<p>${check}</p>`))}
${docs === undefined ? undefined : markup`<p class="docs">Read ${link(docs)}</p>`}
</li>
`;
}
