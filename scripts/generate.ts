import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { programHelp } from "../src/cli/program-help.ts";
import { reportJsonSchema } from "../src/model/report-json-schema.ts";
import { catalogue } from "./pages/catalogue.ts";
import { failurePage } from "./pages/failure-page.ts";
import { readKnowledge } from "./pages/knowledge.ts";
import { withDemo } from "./readme-demo.ts";

// Writes the files that are made from the sources; with --check, fails when one of them is not current.

const project = fileURLToPath(new URL("..", import.meta.url));
const knowledge = await readKnowledge(project);
const failures = knowledge.probes.probes.flatMap((probe) => Object.keys(probe.reasons)).sort();

/** Generated files by their path in the project. */
const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  "schemas/report.schema.json": () => `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
  "src/cli/help.txt": programHelp,
  "probes/README.md": () => catalogue(knowledge),
  ...Object.fromEntries(failures.map((id) => [`docs/failures/${id}.md`, () => failurePage(id, knowledge)])),
  "README.md": async () => withDemo(await readFile(path.join(project, "README.md"), "utf8")),
};

/** Pages of failures that are no more. */
async function leftOver(): Promise<string[]> {
  const pages = await readdir(path.join(project, "docs/failures")).catch(() => []);
  return pages.map((page) => `docs/failures/${page}`).filter((page) => !(page in generated));
}

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
for (const name of await leftOver()) {
  stale.push(name);
  if (check) continue;
  await rm(path.join(project, name));
  console.error(`removed ${name}`);
}
if (check && stale.length > 0) {
  console.error(`${stale.join(", ")} not current: run \`npm run generate\` and commit the result.`);
  process.exitCode = 1;
}
