// Prints how long the program takes to start and to diagnose, next to Node doing nothing, and where the time goes. Paired
// runs, medians; `node scripts/benchmark.ts 31` makes 31 pairs. What `npm run package` has built is measured as well.
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compareWith, type Command, type Comparison } from "./benchmark/paired-runs.ts";
import { measurePhases } from "./benchmark/phases.ts";
import { ownPlatform, platforms } from "./package/platforms.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const pairs = Number(process.argv[2] ?? 11);
if (!Number.isInteger(pairs) || pairs < 1) throw new Error("the number of pairs is a whole number from 1");

const phases = await measurePhases();

const world = path.join(project, "src/lab/demo-world.json");
const file = path.join(project, "dist/aml-doctor.cjs");
const executable = platforms.find(({ name }) => name === ownPlatform())?.executable;
const ours = executable === undefined ? undefined : path.join(project, "dist", executable);

const folder = await mkdtemp(path.join(tmpdir(), "aml-doctor-benchmark-"));
const nothing = path.join(folder, "nothing.cjs");
await writeFile(nothing, "");
const bare: Command = [process.execPath, nothing];
const programs: readonly (readonly [string, Command])[] = [
  ["sources", [process.execPath, path.join(project, "src/cli/start.js")]],
  ...(existsSync(file) ? ([["single file", [process.execPath, file]]] as const) : []),
  ...(ours !== undefined && existsSync(ours) ? ([["executable", [ours]]] as const) : []),
];
const tasks: readonly (readonly [string, readonly string[], number])[] = [
  ["--version", ["--version"], pairs],
  ["--help", ["--help"], pairs],
  ["diagnose the demo", ["diagnose", "--world", world, "--output", "json"], Math.ceil(pairs / 2)],
];

const rows: { readonly name: string; readonly compared: Comparison }[] = [];
for (const [task, given, count] of tasks)
  for (const [name, command] of programs)
    rows.push({
      name: `${task.padEnd(18)} ${name.padEnd(12)}`,
      compared: await compareWith(bare, [...command, ...given], count),
    });
// The quickest of all empty runs: those of one row alone may all have had a busy machine.
const quickestBare = Math.min(...rows.map(({ compared }) => compared.quickestBare));

console.log(
  `Start to end, next to Node with an empty script (${pairs} pairs; half as many for diagnoses; an empty script takes ${quickestBare.toFixed(0)} ms at its quickest)`,
);
print("", ["median", "of pairs", "quickest", "of quickest"]);
for (const { name, compared } of rows)
  print(name, [
    `${compared.milliseconds.toFixed(0)} ms`,
    `${compared.ratio.toFixed(2)} x`,
    `${compared.quickest.toFixed(0)} ms`,
    `${(compared.quickest / quickestBare).toFixed(2)} x`,
  ]);

console.log("\nWhere the time of a diagnosis goes (once, from the sources; what overlaps does not add up)");
for (const [name, milliseconds] of phases)
  console.log(`  ${name.padEnd(52)} ${milliseconds.toFixed(0).padStart(6)} ms`);
await rm(folder, { recursive: true });

function print(name: string, columns: readonly string[]): void {
  console.log(`  ${name.padEnd(31)} ${columns.map((column) => column.padStart(11)).join(" ")}`);
}
