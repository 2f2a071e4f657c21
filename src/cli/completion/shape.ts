import type { Command, Option } from "commander";

/** An option as completion sees it. */
export interface OptionShape {
  /** `-g`, `--group`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What follows it: nothing, one of these words, a file or folder, or anything else. */
  readonly value: "none" | "file" | "text" | readonly string[];
}

/** What follows an option that takes something. */
export type TakenValue = Exclude<OptionShape["value"], "none">;

/** A command, or the program itself. */
export interface CommandShape {
  /** Names of the commands that lead to it, each with a space before it: ` probes show`; empty for the program. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionShape[];
  /** What its first argument may be, when that is one of a few words. */
  readonly words: readonly string[];
}

/** Words that the program learns from what ships with it: by a command's path, for its argument, or by an option. */
export type KnownWords = Readonly<Record<string, readonly string[]>>;

/** Every command of a program, the program first. */
export function shapesOf(command: Command, known: KnownWords = {}, path = ""): readonly CommandShape[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const [argument] = command.registeredArguments;
  return [
    {
      path,
      commands: commands.map((child) => ({ name: child.name(), description: oneLine(child.description()) })),
      options: help.visibleOptions(command).map((option) => optionShape(option, known)),
      words: safe(argument?.argChoices ?? known[path] ?? []),
    },
    ...commands
      .filter((child) => child.name() !== "help")
      .flatMap((child) => shapesOf(child, known, `${path} ${child.name()}`)),
  ];
}

/** The paths of all commands, for the shells to find where they are. */
export function pathsOf(shapes: readonly CommandShape[]): readonly string[] {
  return shapes.map(({ path }) => path).filter((path) => path !== "");
}

/** Everything that may stand at a place of a command where no option waits for its value, with what it means. */
export function wordsOf(shape: CommandShape): readonly { readonly word: string; readonly description: string }[] {
  return [
    ...shape.commands.map(({ name, description }) => ({ word: name, description })),
    ...shape.words.map((word) => ({ word, description: "" })),
    ...shape.options.flatMap(({ names, description }) => names.map((word) => ({ word, description }))),
  ];
}

function optionShape(option: Option, known: KnownWords): OptionShape {
  const value = /[<[]([^>\]]*)/.exec(option.flags)?.[1];
  const named = /^(?:format)\b/.test(value ?? "") ? formatsOf(option) : known[option.long ?? ""];
  return {
    names: safe([option.short, option.long].flatMap((name) => name ?? [])),
    description: oneLine(option.description),
    value:
      value === undefined
        ? "none"
        : option.argChoices !== undefined
          ? safe(option.argChoices)
          : ((named && safe(named)) ?? (/^(?:file|dir)$/.test(value) ? "file" : "text")),
  };
}

/** `--output` takes several words and files, so that it has no choices of its own: its description lists them. */
function formatsOf({ description }: Option): readonly string[] {
  return safe((/: ([a-z, ]+);/.exec(description)?.[1] ?? "").split(", "));
}

/** Words that need no quoting in any shell; there are no others in our own program. */
function safe(words: readonly string[]): readonly string[] {
  return words.filter((word) => /^[\w.-]+$/.test(word));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** One branch of a POSIX shell's `case` for each option that takes a value: at which places, and what to do there. */
export function valueBranches(shapes: readonly CommandShape[], doing: (value: TakenValue) => string): string {
  return shapes
    .flatMap(({ path, options }) =>
      options.flatMap(({ names, value }) =>
        value === "none" ? [] : [`    ${names.map((name) => `'${path} ${name}'`).join("|")}) ${doing(value)} ;;`],
      ),
    )
    .join("\n");
}
