import { create } from "xmlbuilder2";
import type { Schedule } from "./schedule.ts";

/** The account NT AUTHORITY\LOCAL SERVICE, which has next to no rights on the machine and none on the network. */
const localService = "S-1-5-19";

/**
 * A task for `schtasks /Create /XML`: runs as LOCAL SERVICE with least privileges and a token of its own, never twice at
 * once. Only ASCII, so that it is read alike whatever encoding a redirection gave the file. Source: Task Scheduler schema
 * 1.4, whose order of elements is fixed.
 */
export function windowsTask({
  name,
  workspace,
  everyMinutes,
  program,
  checkArguments,
  longestSeconds,
}: Schedule): string {
  const task = create({ version: "1.0" }).ele("Task", {
    version: "1.4",
    xmlns: "http://schemas.microsoft.com/windows/2004/02/mit/task",
  });
  task.ele("RegistrationInfo").ele({ Description: `aml-doctor check of ${workspace}`, URI: `\\aml-doctor\\${name}` });
  task.ele("Triggers").ele({
    TimeTrigger: {
      Repetition: { Interval: duration(everyMinutes), StopAtDurationEnd: "false" },
      // Any moment in the past: the repetition goes on from there without an end.
      StartBoundary: "2024-01-01T00:00:00Z",
      Enabled: "true",
      RandomDelay: `PT${Math.min(Math.max(1, Math.round(everyMinutes / 10)), 10)}M`,
    },
  });
  task
    .ele("Principals")
    .ele("Principal", { id: "Author" })
    .ele({
      UserId: localService,
      RunLevel: "LeastPrivilege",
      ProcessTokenSidType: "Unrestricted",
      // A check reads files and opens connections; the right to pass through folders is all it needs.
      RequiredPrivileges: { Privilege: "SeChangeNotifyPrivilege" },
    });
  task.ele("Settings").ele({
    MultipleInstancesPolicy: "IgnoreNew",
    DisallowStartIfOnBatteries: "false",
    StopIfGoingOnBatteries: "false",
    AllowHardTerminate: "true",
    StartWhenAvailable: "true",
    RunOnlyIfNetworkAvailable: "false",
    AllowStartOnDemand: "true",
    Enabled: "true",
    Hidden: "false",
    RunOnlyIfIdle: "false",
    WakeToRun: "false",
    ExecutionTimeLimit: `PT${longestSeconds}S`,
    Priority: "7",
  });
  task
    .ele("Actions", { Context: "Author" })
    .ele({ Exec: { Command: program, Arguments: ["check", ...checkArguments].map(windowsArgument).join(" ") } });
  return ascii(`${task.end({ prettyPrint: true })}\n`);
}

function duration(minutes: number): string {
  return minutes % 1440 === 0 ? `P${minutes / 1440}D` : minutes % 60 === 0 ? `PT${minutes / 60}H` : `PT${minutes}M`;
}

/** One argument as CommandLineToArgvW takes it apart: backslashes count only before a quotation mark. */
function windowsArgument(value: string): string {
  if (/^[^\s"]+$/.test(value)) return value;
  return `"${value.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}

function ascii(xml: string): string {
  return xml.replace(/[^\n\u0020-\u007e]/gu, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`);
}
