import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { programHelp } from "../src/cli/program-help.ts";
import { reportJsonSchema } from "../src/model/report-json-schema.ts";

// Writes the files that are made from the sources; with --check, fails when one of them is not current.

const project = fileURLToPath(new URL("..", import.meta.url));

/** Generated files by their path in the project. */
const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  "schemas/report.schema.json": () => `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
  "src/cli/help.txt": programHelp,
};

const check = process.argv.includes("--check");
const stale: string[] = [];
for (const [name, make] of Object.entries(generated)) {
  const file = path.join(project, name);
  const text = await make();
  const current = await readFile(file, "utf8").catch(() => undefined);
  if (current === text) continue;
  stale.push(name);
  if (check) continue;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  console.error(`wrote ${name}`);
}
if (check && stale.length > 0) {
  console.error(`${stale.join(", ")} not current: run \`npm run generate\` and commit the result.`);
  process.exitCode = 1;
}
