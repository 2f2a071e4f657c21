import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import { addDiagnoseOptions, type DiagnoseFlags } from "./flags.ts";

/** Options of `check`. */
export interface CheckFlags extends DiagnoseFlags {
  readonly state?: string;
  readonly baseline?: string;
  /** Checks in a row. */
  readonly confirm: number;
  /** Seconds. */
  readonly jitter?: number;
  readonly onChange?: boolean;
}

/** Adds the options of `check`: those of `diagnose`, and what goes beyond one run. */
export function addCheckOptions(command: Command): Command {
  return addDiagnoseOptions(
    command
      .option(
        "--state <file>",
        "where the check before is remembered (one file for each target in $STATE_DIRECTORY or the user's folder)",
      )
      .option("--baseline <file>", "also compare with this report (JSON) or state file")
      .addOption(
        new Option("--confirm <times>", "checks in a row after which a problem counts as there, or as gone")
          .argParser((text) => whole(text, 1, 100))
          .default(1),
      )
      .addOption(
        new Option("--jitter <seconds>", "wait up to this long, by chance, before looking").argParser((text) =>
          whole(text, 0, 86_400),
        ),
      )
      .option("--on-change", "print to standard output only when something is new or gone; files are always written"),
  );
}

/** What `schedule` can print for. */
export const scheduleKinds = {
  systemd: "a service and a timer for systemd (Linux)",
  windows: "a task for the Windows Task Scheduler, as XML",
  kubernetes: "a CronJob with its service account and its volume for the state",
} as const;

/** Options of `schedule`. */
export interface ScheduleFlags {
  /** Minutes. */
  readonly every: number;
  readonly name?: string;
  readonly program?: string;
  readonly image?: string;
  readonly namespace?: string;
  readonly unit?: "service" | "timer";
}

/** Adds the options of one kind of schedule. */
export function addScheduleOptions(command: Command, kind: string): Command {
  command
    .addArgument(new Argument("[check-options...]", "after --: the options of `check`, with their values"))
    .addOption(new Option("--every <time>", "how often, such as 15m, 1h or 1d").argParser(minutes).default(60, "1h"))
    .option("--name <name>", "what it is called (aml-doctor and the workspace)");
  switch (kind) {
    case "kubernetes":
      return command
        .requiredOption("--image <ref>", "image that holds aml-doctor as its entry point")
        .option("--namespace <name>", "namespace for the objects");
    case "windows":
      return command.option(
        "--program <path>",
        "where the program is",
        "C:\\Program Files\\aml-doctor\\aml-doctor.exe",
      );
    default:
      return command
        .option("--program <path>", "where the program is", "/usr/local/bin/aml-doctor")
        .addOption(new Option("--unit <kind>", "print this unit only").choices(["service", "timer"]));
  }
}

function whole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  return value;
}

const unitMinutes: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

/** Steps that divide an hour, or a day: only these can be told to every scheduler. */
const hourly = [5, 10, 15, 20, 30, 60];
const daily = [120, 180, 240, 360, 480, 720, 1440];

function minutes(text: string): number {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const value = Number(count) * (unitMinutes[unit ?? ""] ?? Number.NaN);
  if (![...hourly, ...daily].includes(value))
    throw new InvalidArgumentError("It is 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d.");
  return value;
}
