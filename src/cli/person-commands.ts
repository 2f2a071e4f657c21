import { Argument, Option, type Command } from "commander";
import type { PermissionsFlags } from "./commands/permissions.ts";
import { shells, type Shell } from "./completion/shells.ts";
import type { Terminal } from "./terminal.ts";

/** Adds the commands that prepare a run: the rights it needs, and completion for the shell. */
export function addPersonCommands(program: Command, terminal: Terminal): void {
  program
    .command("permissions")
    .description("print what a full diagnosis reads, as a custom role for `az role definition create`")
    .option("--subscription <id>", "subscription in which the role may be assigned (az's default applies)")
    .addOption(
      new Option("--scope <id>", "scope at which the role may be assigned, instead; may be given several times")
        .argParser((scope, before: readonly string[]) => [...before, scope])
        .default([], "the subscription"),
    )
    .option("--name <name>", "name of the role", "aml-doctor reader")
    .option("--explain", "action by action: the smallest built-in role that has it, and which checks need it")
    .action(async (flags: PermissionsFlags) =>
      (await import("./commands/permissions.ts")).printPermissions(flags, terminal),
    );
  program
    .command("completion")
    .description("print completion for a shell; the first line says how to install it")
    .addArgument(new Argument("<shell>", "which shell").choices(shells))
    .action(async (shell: Shell) =>
      (await import("./commands/completion.ts")).printCompletion(shell, program, terminal),
    );
}
