import type { RootCause } from "../../src/model/report.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld } from "../worlds/diagnose.ts";
import { signInAzureCli } from "./azure-cli.ts";

/** One printed command and how it ended. */
export interface Ran {
  readonly cause: string;
  readonly text: string;
  readonly code: number;
  readonly stderr: string;
}

/** What came of carrying out everything that a report of a world prints for `az`. */
export interface Mended {
  readonly ran: readonly Ran[];
  /** Root causes before, and those that are still there afterwards. */
  readonly before: readonly string[];
  readonly left: readonly string[];
  /** Root causes that the commands themselves brought about. */
  readonly added: readonly string[];
  /** Ids of what failed before, root cause or not. */
  readonly effects: readonly string[];
}

/** `az` keeps a small machine busy. */
const patience = {
  deadlineMs: 90_000,
  waits: { armMs: 15_000, dnsMs: 1000, connectMs: 1500, kubernetesMs: 3000 },
};

/** Diagnoses a world, runs every `az` command of the report against a lab that takes writes (the checks of the fixes
 * included, after them), and diagnoses what the world has become. */
export async function mend(world: World): Promise<Mended> {
  const { rootCauses, findings } = await diagnoseWorld(world, patience);
  const effects = findings.filter(({ status }) => status === "fail" || status === "warn").map(({ id }) => id);
  const before = rootCauses.map(nameOf);
  const texts = rootCauses.flatMap((cause) => commandsOf(cause).map((text) => ({ cause: cause.id, text })));
  if (texts.length === 0) return { ran: [], before, left: before, added: [], effects };
  const lab = await startLab(world, { writable: true, retryAfterSeconds: 1 });
  const cli = await signInAzureCli(lab);
  try {
    const ran: Ran[] = [];
    for (const { cause, text } of texts) {
      const { code, stderr } = await cli.run(text);
      ran.push({ cause, text, code, stderr });
    }
    const after = (await diagnoseWorld(lab.world, patience)).rootCauses.map(nameOf);
    return {
      ran,
      before,
      left: before.filter((name) => after.includes(name)),
      added: after.filter((name) => !before.includes(name)),
      effects,
    };
  } finally {
    await cli.close();
    await lab.close();
  }
}

function commandsOf({ remediation }: RootCause): string[] {
  return remediation.flatMap(({ commands, verify }) => [
    ...commands.filter(({ shell }) => shell === "az").map(({ text }) => text),
    ...verify.filter((text) => /^az [a-z]/.test(text)),
  ]);
}

function nameOf({ id, subject }: RootCause): string {
  return `${id} on ${subject}`;
}
