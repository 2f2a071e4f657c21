import { pathsOf, wordsOf, type CommandShape } from "./shape.ts";

/** Completion for zsh, with descriptions. */
export function zshCompletion(shapes: readonly CommandShape[]): string {
  const values = shapes.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== "none")
      .map(({ names, value }) => {
        const places = names.map((name) => `'${path} ${name}'`).join("|");
        const reply =
          value === "file"
            ? "_files"
            : value === "text"
              ? "_message 'a value'"
              : `compadd -- ${(value as readonly string[]).join(" ")}`;
        return `    ${places}) ${reply}; return ;;`;
      }),
  );
  const described = shapes.map(
    (shape) =>
      `    '${shape.path}') described=(${wordsOf(shape)
        .map(({ word, description }) => quoted(`${word}:${description}`))
        .join(" ")}) ;;`,
  );
  // `path` is zsh's own variable, so the place is called `at`.
  return `#compdef aml-doctor
# To use it: aml-doctor completion zsh > a folder of $fpath/_aml-doctor
_aml_doctor() {
  local at= word
  local -a described
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${pathsOf(shapes)
        .map((path) => `'${path}'`)
        .join("|")}) at="$at $word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  case "$at" in
${described.join("\n")}
  esac
  _describe -o 'aml-doctor' described
}
if [[ "\${funcstack[1]}" == _aml-doctor ]]; then
  _aml_doctor "$@"
else
  compdef _aml_doctor aml-doctor
fi
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
