import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { absent } from "../../src/model/observation.ts";
import { createRegistry, loadProbes, RegistryError } from "../../src/engine/registry.ts";
import { because, factOf, faults, probeOf } from "./made-up.ts";

const circle: { key: string; needs: Record<string, unknown> } = { ...factOf("arm/a", absent), needs: {} };
circle.needs["b"] = { ...factOf("arm/b", absent), needs: { a: circle } };

describe("a registry", () => {
  it.each<[string, Parameters<typeof createRegistry>[0], string]>([
    [
      "a failure id with two owners",
      [probeOf("a/one", { reasons: { dup: because() } }), probeOf("a/two", { reasons: { dup: because() } })],
      "probes/a/two.ts: the failure id dup belongs to a/one",
    ],
    ["a probe id twice", [probeOf("a/one"), probeOf("a/one")], "probes/a/one.ts: another probe has the same id"],
    [
      "a cause that nothing finds",
      [probeOf("a/one", { reasons: { x: because(["y"]) } })],
      "probes/a/one.ts: x is caused by y, which no probe can find",
    ],
    ["a cause of itself", [probeOf("a/one", { reasons: { x: because(["x"]) } })], "causes run in a circle: x ← x"],
    [
      "a circle of causes",
      [probeOf("a/one", { reasons: { x: because(["y"]), y: because([{ reason: "x", scope: "anywhere" }]) } })],
      "circle: x ← y ← x",
    ],
    ["no title", [probeOf("a/one", { title: " " })], "probes/a/one.ts: the title is missing"],
    ["no documentation", [probeOf("a/one", { docs: [] })], "probes/a/one.ts: a link to documentation is missing"],
    [
      "a reason without a title",
      [probeOf("a/one", { reasons: { x: { ...because(), title: "" } } })],
      "the title of x is missing",
    ],
    ["a failure id in another style", [probeOf("a/one", { reasons: { X_y: because() } })], "X_y is not kebab-case"],
    [
      "two facts of one key",
      [probeOf("a/one", { needs: { x: factOf("arm/x", absent), y: factOf("arm/x", absent) } })],
      "two facts have the key arm/x",
    ],
    ["facts in a circle", [probeOf("a/one", { needs: { x: circle } })], "facts need each other: arm/a → arm/b → arm/a"],
  ])("refuses %s", (_, probes, message) => {
    expect(() => createRegistry(probes)).toThrow(RegistryError);
    expect(() => createRegistry(probes)).toThrow(message);
  });

  it("puts causes first, then layers, then ids", () => {
    const registry = createRegistry([
      probeOf("z/last", { layer: "endpoint" }),
      probeOf("a/effect", { layer: "dns", reasons: { effect: because(["cause"]) } }),
      probeOf("z/cause", { layer: "transport", reasons: { cause: because() } }),
      probeOf("b/first", { layer: "control-plane" }),
    ]);
    expect(registry.probes.map((probe) => probe.id)).toEqual(["b/first", "z/cause", "a/effect", "z/last"]);
  });

  it.each([
    ["a/one", ["a/one"]],
    ["a/*", ["a/one", "a/two"]],
    ["*", ["a/one", "a/two", "ab/one"]],
    ["b/*", []],
    ["a/o", []],
  ])("reads the pattern %s", (pattern, ids) => {
    const registry = createRegistry([probeOf("ab/one"), probeOf("a/two"), probeOf("a/one")]);
    expect(registry.probesOf(pattern).map((probe) => probe.id)).toEqual(ids);
  });

  it("knows direct and deeper causes", () => {
    const registry = faults({ a: [], b: [{ reason: "a", scope: "anywhere" }], c: ["b"] });
    expect(registry.causesOf("b")).toEqual([{ reason: "a", scope: "anywhere" }]);
    expect([...registry.allCausesOf("c")]).toEqual(["b", "a"]);
    expect(registry.probeOfReason("c")?.id).toBe("area/c");
    expect(registry.probeOfReason("toString")).toBeUndefined();
  });
});

describe("a folder of probes", () => {
  let root: string;
  const write = async (files: Record<string, string>): Promise<string> => {
    const folder = await mkdtemp(join(root, "probes-"));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return folder;
  };
  const probe = (id: string): string =>
    `export default { id: "${id}", title: "t", layer: "dns", docs: ["https://example.test"], needs: {}, reasons: {}, judge() {} };`;
  beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "aml-doctor-"))));
  afterAll(() => rm(root, { recursive: true }));

  it("is read without tests and pages", async () => {
    const folder = await write({
      "dns/record.ts": probe("dns/record"),
      "dns/record.test.ts": "throw 1",
      "README.md": "#",
    });
    expect((await loadProbes(folder)).probes.map((loaded) => loaded.id)).toEqual(["dns/record"]);
  });

  it.each([
    [
      "a probe at another path",
      { "dns/record.ts": probe("dns/other") },
      "dns/record.ts: the probe calls itself dns/other; its path makes it dns/record",
    ],
    [
      "a file without a probe",
      { "dns/record.ts": "export const x = 1;" },
      "dns/record.ts: the default export is no probe",
    ],
    ["a file that throws", { "dns/record.ts": "throw new Error('boom');" }, "dns/record.ts: cannot be loaded: boom"],
  ])("with %s is refused", async (_, files, message) => {
    const loading = loadProbes(await write(files));
    await expect(loading).rejects.toThrow(RegistryError);
    await expect(loading).rejects.toThrow(message);
  });

  it("that is not there is refused", async () => {
    await expect(loadProbes(join(root, "none"))).rejects.toThrow("the folder of probes cannot be read");
  });
});
