import { readAzureDefaults } from "../azure-defaults.ts";
import { choosePlaybook } from "../choose-playbook.ts";
import type { DiagnoseFlags } from "../flags.ts";
import { readAuthorities, readScore } from "../input-files.ts";
import { readKnowledge } from "../knowledge.ts";
import { createLog } from "../log.ts";
import { runDiagnosis } from "../run-diagnosis.ts";
import { resolveCloud, resolveTarget } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { withWorldTarget, worldDefaults } from "../world-target.ts";

/** `diagnose`: gathers what was asked for, runs, prints. Gives the exit code; throws what is to be explained to the user. */
export async function runDiagnose(flags: DiagnoseFlags, terminal: Terminal): Promise<number> {
  // The lab is loaded for a world only.
  const world = flags.world === undefined ? undefined : await (await import("../world.ts")).readWorld(flags.world);
  const defaults = world === undefined ? await readAzureDefaults(terminal.environment) : worldDefaults(world);
  const target = resolveTarget(world === undefined ? flags : withWorldTarget(flags, world), defaults);
  const cloud = resolveCloud(flags, defaults);
  const [ca, score, knowledge, log] = await Promise.all([
    readAuthorities(flags.ca),
    readScore(flags.score),
    readKnowledge(flags.playbooks),
    createLog(flags.logLevel, terminal),
  ]);
  const playbook = choosePlaybook(flags, knowledge.playbooks, terminal);
  const around =
    world === undefined
      ? (await import("../real-surroundings.ts")).realSurroundings(flags, cloud, ca, terminal)
      : await (await import("../lab-surroundings.ts")).labSurroundings(world, ca);
  try {
    const wishes = { target, cloud, azureDns: flags.azureDns, score, log };
    return await runDiagnosis(
      { probes: knowledge.probes, playbook, around, wishes, deadline: flags.deadline, flags },
      terminal,
    );
  } finally {
    await around.close();
  }
}
