import { pathsOf, valueBranches, wordsOf, type CommandShape } from "./shape.ts";

/** Completion for bash, from version 3.2. Where a file is wanted, it leaves the word to bash's own completion. */
export function bashCompletion(shapes: readonly CommandShape[]): string {
  const values = valueBranches(shapes, (value) =>
    value === "file"
      ? "return"
      : value === "text"
        ? "compopt +o default 2>/dev/null; return"
        : `COMPREPLY=($(compgen -W '${value.join(" ")}' -- "$cur")); return`,
  );
  return `# To use it: aml-doctor completion bash > ~/.local/share/bash-completion/completions/aml-doctor
_aml_doctor() {
  local cur prev at words i
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  # --cloud=Azure comes as three words.
  if [[ $cur == '=' ]]; then cur=
  elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  at=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${pathsOf(shapes)
        .map((path) => `'${path}'`)
        .join("|")}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${values}
  esac
  case "$at" in
${shapes
  .map(
    (shape) =>
      `    '${shape.path}') words='${wordsOf(shape)
        .map(({ word }) => word)
        .join(" ")}' ;;`,
  )
  .join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _aml_doctor aml-doctor
`;
}
