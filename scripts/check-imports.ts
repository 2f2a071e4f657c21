// Holds the project to its import table, and makes sure that the linter really saw every module.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cruiseImports } from "./cruise-imports.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const { violations, unseen, seen } = await cruiseImports(project, path.join(project, ".dependency-cruiser.cjs"));
for (const violation of violations) console.error(violation);
for (const file of unseen) console.error(`not seen by the import linter: ${file}`);
if (violations.length > 0 || unseen.length > 0) {
  console.error("Who may import whom is written in .dependency-cruiser.cjs.");
  process.exitCode = 1;
} else {
  console.log(`imports: ${seen} modules visited, no violation`);
}
