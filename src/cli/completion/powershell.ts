import { wordsOf, type CommandShape } from "./shape.ts";

/** Completion for Windows PowerShell 5.1 and PowerShell 7, with descriptions. */
export function powershellCompletion(shapes: readonly CommandShape[]): string {
  // The comma before each pair keeps it one: PowerShell unrolls a list that stands by itself on a line.
  const commands = shapes.map(
    (shape) =>
      `    ${quoted(shape.path)} = @(\n${wordsOf(shape)
        .map(
          ({ word, description }) => `      ,@(${quoted(word)}, ${quoted(description === "" ? word : description)})\n`,
        )
        .join("")}    )\n`,
  );
  const values = shapes.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== "none")
      .flatMap(({ names, value }) =>
        names.map(
          (name) =>
            `    ${quoted(`${path} ${name}`)} = ${typeof value === "string" ? "@()" : `@(${value.map(quoted).join(", ")})`}\n`,
        ),
      ),
  );
  return `# To use it: aml-doctor completion powershell | Add-Content $PROFILE
Register-ArgumentCompleter -Native -CommandName aml-doctor -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = @{
${commands.join("")}  }
  $values = @{
${values.join("")}  }
  $at = ''
  $previous = ''
  foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
    $previous = $element.ToString()
    if ($commands.ContainsKey("$at $previous")) { $at = "$at $previous" }
  }
  if ($values.ContainsKey("$at $previous")) {
    # Nothing is offered where any text or a file may stand: PowerShell then completes files.
    $values["$at $previous"] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
    return
  }
  $commands[$at] | Where-Object { $_[0] -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
