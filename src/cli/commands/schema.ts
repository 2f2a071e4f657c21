import { usageError } from "../errors.ts";
import { listShipped, readShipped } from "../shipped.ts";
import type { Terminal } from "../terminal.ts";

const folder = "schemas";
const ending = ".schema.json";

/** `schema`: prints the JSON Schema of something that this program writes. Throws a usage error for an unknown name. */
export async function printSchema(name: string, terminal: Terminal): Promise<void> {
  const names = (await listShipped(folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(folder.length + 1, -ending.length));
  const text = names.includes(name) ? await readShipped(`${folder}/${name}${ending}`) : undefined;
  if (text === undefined) throw usageError(`there is no schema "${name}"`, `There are: ${names.join(", ")}.`);
  terminal.write(`${text.trimEnd()}\n`);
}
