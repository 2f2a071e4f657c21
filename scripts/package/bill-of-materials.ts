import { readFile } from "node:fs/promises";
import * as z from "zod";
import { npm } from "./node-binary.ts";
import type { BundledPackage } from "./package-facts.ts";
import { sha256 } from "./sha256.ts";

const componentSchema = z.looseObject({ "bom-ref": z.string(), name: z.string(), version: z.string() });
const billSchema = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string(),
  metadata: z.looseObject({ component: componentSchema }),
  components: z.array(componentSchema),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** A CycloneDX document. https://cyclonedx.org/docs/1.5/json/ */
export type Bill = z.infer<typeof billSchema>;

/** What npm tells of everything in the project's lock file, tools included. */
export async function lockedBill(project: string): Promise<Bill> {
  return billSchema.parse(
    JSON.parse(
      await npm(["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"], project),
    ),
  );
}

/**
 * The bill of one file that we ship: the packages whose code is in it, and Node for an executable. Throws when a package is
 * in the program that npm does not know.
 */
export async function billOfMaterials(
  locked: Bill,
  file: { readonly path: string; readonly name: string },
  packages: readonly BundledPackage[],
  node?: { readonly binary: string; readonly package: string; readonly version: string },
): Promise<Bill> {
  const inside = packages.map(({ name, version }) => {
    const known = locked.components.find((component) => component.name === name && component.version === version);
    if (known === undefined) throw new Error(`npm does not know ${name} ${version}, which is in the program`);
    // Seen from the project it is a development dependency, which would say that it does not ship.
    return { ...known, properties: [] };
  });
  const own = {
    ...locked.metadata.component,
    name: "aml-doctor",
    properties: [{ name: "aml-doctor:file", value: file.name }],
    hashes: [await hashOf(file.path)],
  };
  const runtime = node === undefined ? [] : [await nodeComponent(node)];
  const components = [...inside, ...runtime];
  const refs = new Set(components.map((component) => component["bom-ref"]));
  const among = (names: readonly string[]): string[] => names.filter((name) => refs.has(name));
  return {
    ...locked,
    metadata: { ...locked.metadata, component: own },
    components,
    dependencies: [
      { ref: own["bom-ref"], dependsOn: [...refs] },
      ...locked.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map((dependency) => ({ ...dependency, dependsOn: among(dependency.dependsOn) })),
      ...runtime.map((component) => ({ ref: component["bom-ref"], dependsOn: [] })),
    ],
  };
}

async function nodeComponent(node: {
  binary: string;
  package: string;
  version: string;
}): Promise<Bill["components"][number]> {
  return {
    "bom-ref": `${node.package}@${node.version}`,
    type: "platform",
    name: node.package,
    version: node.version,
    purl: `pkg:npm/${node.package}@${node.version}`,
    hashes: [await hashOf(node.binary)],
    licenses: [{ license: { id: "MIT" } }],
  };
}

async function hashOf(file: string): Promise<{ alg: "SHA-256"; content: string }> {
  return { alg: "SHA-256", content: sha256(await readFile(file)) };
}
