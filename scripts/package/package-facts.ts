import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";

/** A package whose code is in the program. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As its manifest says, such as `MIT`. */
  readonly license: string;
  /** The text of its licence; undefined when it comes without one. */
  readonly licenseText: string | undefined;
}

const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string().default("unknown") });

/** What the packages in these folders, relative to the project, say of themselves; by name and version, each once. */
export async function packageFacts(project: string, folders: readonly string[]): Promise<readonly BundledPackage[]> {
  const found = await Promise.all(folders.map((folder) => factsOf(path.join(project, folder))));
  const once = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The licences as one text, as they ask to be passed on with the code. */
export function licensesText(packages: readonly BundledPackage[], node: string): string {
  const parts = packages.map(
    ({ name, version, license, licenseText }) =>
      `${name} ${version} (${license})\n\n${licenseText?.trim() ?? "It comes without the text of its licence."}\n`,
  );
  return [
    "aml-doctor holds code of the packages below, under their licences.\n",
    `The executables hold Node.js ${node}: https://github.com/nodejs/node/blob/v${node}/LICENSE\n`,
    ...parts,
  ].join(`\n${"-".repeat(80)}\n\n`);
}

async function factsOf(folder: string): Promise<BundledPackage> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")));
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  return { ...manifest, licenseText: file === undefined ? undefined : await readFile(path.join(folder, file), "utf8") };
}
