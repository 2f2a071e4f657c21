import { Command, Option } from "commander";
import {
  addCheckOptions,
  addScheduleOptions,
  scheduleKinds,
  type CheckFlags,
  type ScheduleFlags,
} from "./check-flags.ts";
import type { ExplainFlags } from "./commands/explain.ts";
import type { ListFlags } from "./commands/playbooks.ts";
import { addDiagnoseOptions, addViewOptions, type DemoFlags } from "./flags.ts";
import { addPersonCommands } from "./person-commands.ts";
import { addPlanOptions, type PlanFlags } from "./plan-flags.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

const epilogue = `
Exit codes: 0 healthy, 1 warnings (with --fail-on warning), 2 unhealthy,
3 inconclusive, 64 usage, 65 unusable input, 70 a bug of ours, 130 interrupted.`;

/** The commands and their options. Each command loads its own code when it runs, so that help costs nothing. `end` takes
 * the exit code. */
export function createProgram(terminal: Terminal, end: (exitCode: number) => void): Command {
  const program = new Command("aml-doctor")
    .description(
      "Finds out why an Azure Machine Learning workspace or online endpoint behind a private network does not work. Only reads.",
    )
    .version(version, "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) =>
        terminal.tell(
          text
            .trimEnd()
            .replace(/^error: /, "aml-doctor: ")
            .replace(/ is invalid( for argument '[^']*')?\. /, " cannot be used$1. "),
        ),
    })
    .showHelpAfterError("(aml-doctor --help lists the commands and options)")
    .addHelpText("after", epilogue);

  addPlanOptions(addDiagnoseOptions(program.command("diagnose")))
    .description("diagnose a workspace, and an online endpoint of it")
    .action(async (flags: PlanFlags) => {
      const { runDiagnose } = await import("./commands/diagnose.ts");
      end(await runDiagnose(flags, terminal));
    });

  addCheckOptions(program.command("check"))
    .description("diagnose unattended: remembers the check before, and says what is new, what is gone, and since when")
    .action(async (flags: CheckFlags) => {
      const { runCheck } = await import("./commands/check.ts");
      end(await runCheck(flags, terminal));
    });

  const schedule = program
    .command("schedule")
    .description("print what makes this machine or a cluster run `check` regularly; installs nothing");
  for (const [kind, description] of Object.entries(scheduleKinds)) {
    addScheduleOptions(schedule.command(kind), kind)
      .description(description)
      .action(async (checkArguments: readonly string[], flags: ScheduleFlags) => {
        const { printSchedule } = await import("./commands/schedule.ts");
        printSchedule(kind as keyof typeof scheduleKinds, checkArguments, flags, terminal);
      });
  }

  addViewOptions(program.command("demo"))
    .description("diagnose a broken estate that comes with this program, without Azure")
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import("./commands/demo.ts");
      end(await runDemo(flags, terminal));
    });

  program
    .command("explain <id>")
    .description("what a failure is, what proves it, what looks like it, and how to mend it")
    .option("--ascii", "ASCII characters only")
    .option("--no-color", "no colours; they are used on a terminal only")
    .action(async (id: string, flags: ExplainFlags) =>
      (await import("./commands/explain.ts")).explainFailure(id, flags, terminal),
    );

  const probes = program.command("probes").description("the checks that this program knows");
  probes
    .command("list", { isDefault: true })
    .description("one line for each check")
    .action(async () => (await import("./commands/probes.ts")).listProbes(terminal));
  probes
    .command("show <id>")
    .description("what a check looks at, and every way in which it can fail")
    .action(async (id: string) => (await import("./commands/probes.ts")).showProbe(id, terminal));

  const playbooks = program.command("playbooks").description("documented symptoms, and what is checked for each");
  const folder = () => new Option("--playbooks <dir>", "also read the playbooks of this folder");
  playbooks
    .command("list", { isDefault: true })
    .description("one line for each playbook, or those that may be about a symptom")
    .addOption(folder())
    .option("--symptom <text>", "what you see, in your words or an error message")
    .action(async (flags: ListFlags) => (await import("./commands/playbooks.ts")).listPlaybooks(flags, terminal));
  playbooks
    .command("show <id>")
    .description("the steps of a playbook")
    .addOption(folder())
    .action(async (id: string, flags: { playbooks?: string }) =>
      (await import("./commands/playbooks.ts")).showPlaybook(id, flags, terminal),
    );

  program
    .command("schema")
    .argument("[name]", "what is written", "report")
    .description("the JSON Schema of a report")
    .action(async (name: string) => (await import("./commands/schema.ts")).printSchema(name, terminal));

  addPersonCommands(program, terminal);

  program
    .command("lab")
    .description("a simulated Azure on this machine, over real sockets")
    .command("serve")
    .description("serve a world file until interrupted; prints the environment that points clients at it")
    .requiredOption("--world <file>", "the world to serve")
    .action(async (flags: { world: string }) => (await import("./commands/lab.ts")).serveLab(flags, terminal));

  return program;
}
