import { pathsOf, type CommandShape } from "./shape.ts";

/** Completion for fish, with descriptions. */
export function fishCompletion(shapes: readonly CommandShape[]): string {
  const lines = shapes.flatMap(({ path, commands, options, words }) => {
    const when = `complete -c aml-doctor -n ${quoted(`__aml_doctor_at ${quoted(path)}`)}`;
    return [
      ...commands.map(({ name, description }) => `${when} -a ${name} -d ${quoted(description)}`),
      ...words.map((word) => `${when} -a ${word}`),
      ...options.map(({ names, description, value }) => {
        const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
        const wants =
          value === "none"
            ? []
            : value === "file"
              ? ["-r -F"]
              : value === "text"
                ? ["-x"]
                : [`-x -a ${quoted(value.join(" "))}`];
        return [when, ...flags, ...wants, `-d ${quoted(description)}`].join(" ");
      }),
    ];
  });
  return `# To use it: aml-doctor completion fish > ~/.config/fish/completions/aml-doctor.fish
function __aml_doctor_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        if contains -- "$at $word" ${pathsOf(shapes).map(quoted).join(" ")}
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c aml-doctor -f
${lines.join("\n")}
`;
}

/** In fish's single quotes, a backslash keeps itself and the quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
