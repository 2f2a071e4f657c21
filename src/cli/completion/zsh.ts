import { pathsOf, valueBranches, type CommandShape } from "./shape.ts";

/** Completion for zsh, with descriptions. */
export function zshCompletion(shapes: readonly CommandShape[]): string {
  const values = valueBranches(
    shapes,
    (value) =>
      `${value === "file" ? "_files" : value === "text" ? "_message 'a value'" : `compadd -- ${value.join(" ")}`}; return`,
  );
  const described = shapes.map(
    ({ path, commands, words, options }) =>
      `    '${path}')\n      commands=(${list([...commands, ...words.map((name) => ({ name, description: "" }))])})\n` +
      `      options=(${list(options.flatMap(({ names, description }) => names.map((name) => ({ name, description }))))}) ;;`,
  );
  // `path` is zsh's own variable, so the place is called `at`. `_describe -o` offers nothing before a hyphen is typed, so
  // that commands and options go apart.
  return `#compdef aml-doctor
# To use it: aml-doctor completion zsh > a folder of $fpath/_aml-doctor
_aml_doctor() {
  local at= word previous=\${words[CURRENT-1]}
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${pathsOf(shapes)
        .map((path) => `'${path}'`)
        .join("|")}) at="$at $word" ;;
    esac
  done
  # --cloud=Azure is one word.
  if [[ $words[CURRENT] == --*=* ]]; then
    previous=\${words[CURRENT]%%=*}
    compset -P 1 '*='
  fi
  # --output json=FILE
  if compset -P '*='; then _files; return; fi
  case "$at $previous" in
${values}
  esac
  case "$at" in
${described.join("\n")}
  esac
  _describe -t commands 'command' commands
  _describe -o 'option' options
}
if [[ "\${funcstack[1]}" == _aml-doctor ]]; then
  _aml_doctor "$@"
else
  compdef _aml_doctor aml-doctor
fi
`;
}

function list(entries: readonly { readonly name: string; readonly description: string }[]): string {
  return entries.map(({ name, description }) => quoted(`${name}:${description}`)).join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
