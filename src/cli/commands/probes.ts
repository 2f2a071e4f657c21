import { usageError } from "../errors.ts";
import { readProbes } from "../knowledge.ts";
import type { Terminal } from "../terminal.ts";

/** `probes list`: one line for each check. */
export async function listProbes(terminal: Terminal): Promise<void> {
  const probes = [...(await readProbes()).probes].sort((a, b) => a.id.localeCompare(b.id, "en"));
  const width = Math.max(0, ...probes.map((probe) => probe.id.length));
  for (const probe of probes) terminal.write(`${probe.id.padEnd(width)}  ${probe.title}\n`);
}

/** `probes show`: what a check looks at and the ways in which it can fail. Throws a usage error for an unknown id. */
export async function showProbe(id: string, terminal: Terminal): Promise<void> {
  const probe = (await readProbes()).probes.find((known) => known.id === id);
  if (probe === undefined) throw usageError(`there is no check "${id}"`, "`aml-doctor probes` lists them.");
  const lines = [probe.id, `  ${probe.title}`, `  Layer: ${probe.layer}`];
  for (const [reason, { severity, title }] of Object.entries(probe.reasons))
    lines.push("", `  ${reason} (${severity})`, `    ${title}`);
  if (probe.docs.length > 0) lines.push("", ...probe.docs.map((url) => `  Read ${url}`));
  terminal.write(`${lines.join("\n")}\n`);
}
