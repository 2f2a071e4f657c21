import path from "node:path";
import { Command, CommanderError } from "commander";
import { addCheckOptions, type CheckFlags, type ScheduleFlags, type scheduleKinds } from "../check-flags.ts";
import { usageError } from "../errors.ts";
import { kubernetesCronJob } from "../schedule/kubernetes.ts";
import { plainName, type Schedule } from "../schedule/schedule.ts";
import { systemdService, systemdTimer } from "../schedule/systemd.ts";
import { windowsTask } from "../schedule/windows.ts";
import type { Terminal } from "../terminal.ts";

/** Seconds beyond a check's own deadline: starting, signing in, writing. */
const graceSeconds = 60;

/** `schedule`: prints what a scheduler takes, and on standard error how to install it. Installs nothing. Throws a usage
 * error when the options after `--` are none of `check`. */
export function printSchedule(
  kind: keyof typeof scheduleKinds,
  checkArguments: readonly string[],
  flags: ScheduleFlags,
  terminal: Pick<Terminal, "write" | "tell">,
): void {
  const { text, how } = paperOf(kind, scheduleOf(kind, checkArguments, flags), flags);
  terminal.write(text);
  if (how !== undefined) terminal.tell(how);
}

/** What is printed, and how it is installed. */
function paperOf(
  kind: keyof typeof scheduleKinds,
  schedule: Schedule,
  { unit, namespace }: ScheduleFlags,
): { readonly text: string; readonly how?: string } {
  const { name } = schedule;
  switch (kind) {
    case "systemd": {
      const units = { service: systemdService(schedule), timer: systemdTimer(schedule) };
      if (unit !== undefined) return { text: units[unit] };
      // As `systemctl cat` shows units: the path, then the text.
      const folder = "/etc/systemd/system";
      return {
        text: `# ${folder}/${name}.service\n${units.service}\n# ${folder}/${name}.timer\n${units.timer}`,
        how: `Save each part under its path (--unit prints one by itself), then: systemctl daemon-reload && systemctl enable --now ${name}.timer`,
      };
    }
    case "windows":
      return {
        text: windowsTask(schedule),
        how: `Save it as ${name}.xml, then, as administrator: schtasks /Create /TN aml-doctor\\${name} /XML ${name}.xml`,
      };
    case "kubernetes":
      return { text: kubernetesCronJob(schedule, namespace), how: "Apply it with: kubectl apply -f -" };
  }
}

function scheduleOf(
  kind: keyof typeof scheduleKinds,
  checkArguments: readonly string[],
  flags: ScheduleFlags,
): Schedule {
  // A control character would end a line of a unit.
  const odd = [...checkArguments, flags.program ?? "", flags.image ?? ""].find((text) => /\p{Cc}/u.test(text));
  if (odd !== undefined) throw usageError("an option holds a control character");
  const check = parseCheck(checkArguments);
  const { group, workspace, subscription } = check;
  if (group === undefined || workspace === undefined || subscription === undefined)
    throw usageError(
      "a scheduled check needs --subscription, --group and --workspace after --: it runs without anybody's defaults",
      `For example: aml-doctor schedule ${kind} -- --subscription ID --group rg-ml --workspace mlprod`,
    );
  if (check.world !== undefined) throw usageError("a scheduled check looks at Azure, so that --world makes no sense");
  const files = check.output.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const absolute = kind === "windows" ? path.win32 : path.posix;
  const relative = [...files, check.state, check.baseline, check.ca, check.score].find(
    (file) => file !== undefined && !absolute.isAbsolute(file),
  );
  if (relative !== undefined) throw usageError(`a scheduler has no current folder: give the whole path of ${relative}`);
  return {
    name: plainName(
      flags.name ?? ["aml-doctor", workspace, check.endpoint].filter((part) => part !== undefined).join("-"),
    ),
    workspace,
    everyMinutes: flags.every,
    program: flags.image ?? flags.program ?? "aml-doctor",
    checkArguments,
    longestSeconds: Math.ceil(check.deadline + (check.jitter ?? 0)) + graceSeconds,
    folders: files.map((file) => absolute.dirname(file)),
    ...(check.state === undefined ? {} : { state: check.state }),
    ...(check.credential === "workload-identity"
      ? { workloadIdentity: check.clientId === undefined ? {} : { clientId: check.clientId } }
      : {}),
  };
}

/** Reads the options as `check` itself will. */
function parseCheck(checkArguments: readonly string[]): CheckFlags {
  const messages: string[] = [];
  const check = addCheckOptions(new Command("check"))
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: (text) => void messages.push(text) });
  try {
    check.parse([...checkArguments], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw usageError(
      `after --: ${
        messages
          .join("")
          .trim()
          .replace(/^error: /, "") || error.message
      }`,
      "`aml-doctor check --help` lists the options.",
    );
  }
  return check.opts<CheckFlags>();
}
