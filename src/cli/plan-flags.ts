import { InvalidArgumentError, Option, type Command } from "commander";
import type { DiagnoseFlags } from "./flags.ts";

/** What `diagnose` can do beside looking once: look again, or only say what it would look at. */
export interface PlanFlags extends DiagnoseFlags {
  /** Seconds. */
  readonly wait?: number;
  readonly dryRun?: boolean;
  readonly listEgress?: boolean;
}

/** What `--wait` means without a number: provisioning a managed network takes half an hour and more. */
const usualWaitSeconds = 3600;
const longestWaitSeconds = 86_400;

/** Adds the options of {@link PlanFlags}. */
export function addPlanOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--wait [seconds]", "look again until it is healthy, or until waiting is of no use")
        .argParser(waitSeconds)
        .preset(String(usualWaitSeconds)),
    )
    .addOption(
      new Option(
        "--dry-run",
        "print every host, DNS question and Azure read that there may be; contact nothing",
      ).conflicts("wait"),
    )
    .addOption(
      new Option("--list-egress", "print the hosts only, for firewall rules; contact nothing").conflicts("wait"),
    );
}

function waitSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0 || value > longestWaitSeconds)
    throw new InvalidArgumentError(`It is a number of seconds, more than 0 and at most ${longestWaitSeconds}.`);
  return value;
}
