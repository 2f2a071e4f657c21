import { Command, Option } from "commander";
import { addDiagnoseOptions, addViewOptions, type DemoFlags, type DiagnoseFlags } from "./flags.ts";
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
      writeErr: (text) => terminal.tell(text.trimEnd().replace(/^error: /, "aml-doctor: ")),
    })
    .showHelpAfterError("(aml-doctor --help lists the commands and options)")
    .addHelpText("after", epilogue);

  addDiagnoseOptions(program.command("diagnose"))
    .description("diagnose a workspace, and an online endpoint of it")
    .action(async (flags: DiagnoseFlags) => {
      const { runDiagnose } = await import("./commands/diagnose.ts");
      end(await runDiagnose(flags, terminal));
    });

  addViewOptions(program.command("demo"))
    .description("diagnose a broken estate that comes with this program, without Azure")
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import("./commands/demo.ts");
      end(await runDemo(flags, terminal));
    });

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
    .description("one line for each playbook")
    .addOption(folder())
    .action(async (flags: { playbooks?: string }) =>
      (await import("./commands/playbooks.ts")).listPlaybooks(flags, terminal),
    );
  playbooks
    .command("show <id>")
    .description("the steps of a playbook")
    .addOption(folder())
    .action(async (id: string, flags: { playbooks?: string }) =>
      (await import("./commands/playbooks.ts")).showPlaybook(id, flags, terminal),
    );

  program
    .command("lab")
    .description("a simulated Azure on this machine, over real sockets")
    .command("serve")
    .description("serve a world file until interrupted; prints the environment that points clients at it")
    .requiredOption("--world <file>", "the world to serve")
    .action(async (flags: { world: string }) => (await import("./commands/lab.ts")).serveLab(flags, terminal));

  return program;
}
