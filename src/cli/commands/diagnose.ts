import type { World } from "../../lab/world.ts";
import { readAzureDefaults } from "../azure-defaults.ts";
import { choosePlaybook } from "../choose-playbook.ts";
import { exitCodes } from "../exit-code.ts";
import { readAuthorities, readScore } from "../input-files.ts";
import { readKnowledge } from "../knowledge.ts";
import { createLog } from "../log.ts";
import type { PlanFlags } from "../plan-flags.ts";
import { runDiagnosis, type Watch } from "../run-diagnosis.ts";
import { scoringAuthorization } from "../scoring-key.ts";
import { resolveCloud, resolveTarget } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { withWorldTarget, worldDefaults } from "../world-target.ts";

/** `diagnose`: gathers what was asked for, runs, prints; in `world` when one is given. `watch` is what a scheduled check
 * adds. With `--dry-run` or `--list-egress` it only prints what would be contacted. Gives the exit code; throws what is to be explained to the user. */
export async function runDiagnose(
  flags: PlanFlags,
  terminal: Terminal,
  { world: given, watch }: { readonly world?: World; readonly watch?: Watch } = {},
): Promise<number> {
  // The lab is loaded for a world only.
  const world =
    given ?? (flags.world === undefined ? undefined : await (await import("../world.ts")).readWorld(flags.world));
  const defaults = world === undefined ? await readAzureDefaults(terminal.environment) : worldDefaults(world);
  const target = resolveTarget(world === undefined ? flags : withWorldTarget(flags, world), defaults);
  const planOnly = flags.dryRun === true || flags.listEgress === true;
  const cloud = resolveCloud(
    flags,
    flags.cloud === undefined && defaults.cloud === undefined && !planOnly
      ? { cloud: await (await import("../detect-cloud.ts")).detectCloud(terminal.interrupted) }
      : defaults,
  );
  const scoreAuthorization = flags.score === undefined ? undefined : scoringAuthorization(terminal.environment, target);
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
    const wishes = {
      target,
      cloud,
      azureDns: flags.azureDns,
      score,
      scoreAuthorization,
      inCluster: flags.inCluster,
      log,
    };
    if (planOnly) {
      const { printContacts } = await import("../contacts/print-contacts.ts");
      const hostsOnly = flags.listEgress === true;
      await printContacts({ probes: knowledge.probes, playbook, around, wishes }, { hostsOnly }, terminal);
      return exitCodes.healthy;
    }
    return await runDiagnosis(
      { probes: knowledge.probes, playbook, around, wishes, deadline: flags.deadline, flags, watch, wait: flags.wait },
      terminal,
    );
  } finally {
    await around.close();
  }
}
