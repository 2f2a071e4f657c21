// Builds what is handed to people: one JavaScript file, and executables that need no Node. `node scripts/package.ts` builds
// everything; with names (`js`, `linux-x64`, `linux-arm64`, `win-x64`) it builds those.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { billOfMaterials, lockedBill } from "./package/bill-of-materials.ts";
import { bundle, singleFile } from "./package/bundle.ts";
import { writeExecutable } from "./package/executable.ts";
import { nodeBinary, nodeVersion } from "./package/node-binary.ts";
import { licensesText, packageFacts } from "./package/package-facts.ts";
import { platforms } from "./package/platforms.ts";
import { sha256 } from "./package/sha256.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const dist = path.join(project, "dist");
const script = "aml-doctor.cjs";
const sums = "SHA256SUMS";

const known = ["js", ...platforms.map(({ name }) => name)];
const given = process.argv.slice(2);
const wanted = given.length === 0 ? known : given;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")} to build: it is one of ${known.join(", ")}`);

const made = await bundle(project);
const [packages, locked, version] = await Promise.all([
  packageFacts(project, made.packages),
  lockedBill(project),
  nodeVersion(project),
]);
await mkdir(dist, { recursive: true });
await writeFile(path.join(dist, "THIRD-PARTY-LICENSES.txt"), licensesText(packages, version));
if (wanted.includes("js")) {
  await writeFile(path.join(dist, script), singleFile(made), { mode: 0o755 });
  await writeBill(script);
}
for (const platform of platforms.filter(({ name }) => wanted.includes(name))) {
  await writeExecutable(project, made, platform, path.join(dist, platform.executable));
  const binary = await nodeBinary(project, platform);
  await writeBill(platform.executable, { binary, package: platform.package, version });
}
await writeSums();

async function writeBill(name: string, node?: Parameters<typeof billOfMaterials>[3]): Promise<void> {
  const bill = await billOfMaterials(locked, { path: path.join(dist, name), name }, packages, node);
  await writeFile(path.join(dist, `${name}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
  console.error(`built dist/${name}`);
}

/** The sums of everything in the folder, in the form that `sha256sum --check` reads. */
async function writeSums(): Promise<void> {
  const names = (await readdir(dist)).filter((name) => name !== sums).sort();
  const lines = await Promise.all(
    names.map(async (name) => `${sha256(await readFile(path.join(dist, name)))}  ${name}\n`),
  );
  await writeFile(path.join(dist, sums), lines.join(""));
}
