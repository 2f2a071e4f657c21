import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startLab } from "../../lab/lab.ts";
import { quote } from "../../model/remediation.ts";
import type { Terminal } from "../terminal.ts";
import { readWorld } from "../world.ts";

/** `lab serve`: serves a world until interrupted. Prints the lines that point a shell's clients at it. */
export async function serveLab({ world: file }: { world: string }, terminal: Terminal): Promise<void> {
  await using lab = await startLab(await readWorld(file));
  const folder = await mkdtemp(path.join(tmpdir(), "aml-doctor-lab-"));
  try {
    const authority = path.join(folder, "ca.pem");
    await writeFile(authority, lab.certificateAuthority);
    const environment = {
      ...lab.environment,
      AML_DOCTOR_LAB_ARM: lab.armEndpoint,
      NODE_EXTRA_CA_CERTS: authority,
      REQUESTS_CA_BUNDLE: authority,
      SSL_CERT_FILE: authority,
    };
    for (const [name, value] of Object.entries(environment)) terminal.write(`export ${name}=${quote(value)}\n`);
    terminal.tell(`Serving ${lab.world.id}. Resource Manager is at ${lab.armEndpoint}; interrupt to end.`);
    await interruption(terminal.interrupted);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function interruption(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
