import type { RootCause } from "../model/report.ts";
import type { Page } from "./page.ts";

/** A check that is a command to paste, and not a sentence. */
const command = /^(az|kubectl|helm|dig|nslookup|getent|curl|openssl|nc|aml-doctor|Resolve-DnsName|Test-NetConnection) /;

/** Writes one step: what to do, what to know before, commands to paste, when it shows and how to see it. */
export function writeRemediation(
  page: Page,
  indent: number,
  step: RootCause["remediation"][number],
  lead: string,
): void {
  const inner = indent + lead.length;
  page.prose(indent, step.summary, { lead });
  // Before the commands, because it is read before they are run.
  if (step.warning !== undefined) page.prose(inner, step.warning, { lead: "Warning: ", style: "doubt" });
  for (const { text } of step.commands) page.verbatim(inner + 2, text, "command");
  if (step.takesEffect !== undefined) page.prose(inner, step.takesEffect, { lead: "Takes effect: " });
  for (const check of step.verify) {
    if (command.test(check)) {
      page.prose(inner, "Verify:");
      page.verbatim(inner + 2, check, "command");
    } else {
      page.prose(inner, check, { lead: "Verify: " });
    }
  }
  if (step.docs !== undefined) page.link(inner, step.docs);
}
