import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cruiseImports, type ImportCheck } from "../../scripts/cruise-imports.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** A project of planted files: what each imports, and what the linter must say of it. */
const planted: readonly { file: string; imports: readonly string[]; violations: readonly string[] }[] = [
  { file: "src/model/arm-id.ts", imports: ["zod"], violations: [] },
  { file: "src/model/clock.ts", imports: ["node:os"], violations: ["model-imports: src/model/clock.ts -> os"] },
  { file: "src/facts/workspace.ts", imports: ["../model/arm-id.ts", "zod"], violations: [] },
  {
    file: "src/facts/socket.ts",
    imports: ["node:net", "../net/dns.ts"],
    violations: ["facts-imports: src/facts/socket.ts -> net", "facts-imports: src/facts/socket.ts -> src/net/dns.ts"],
  },
  { file: "src/net/dns.ts", imports: ["node:dgram", "dns-packet", "../model/arm-id.ts"], violations: [] },
  {
    file: "src/net/judging.ts",
    imports: ["../azure/arm.ts"],
    violations: ["net-imports: src/net/judging.ts -> src/azure/arm.ts"],
  },
  { file: "src/azure/arm.ts", imports: ["@azure/identity", "../model/arm-id.ts"], violations: [] },
  {
    file: "src/engine/run.ts",
    imports: ["../../probes/dns/record.ts"],
    violations: ["engine-imports: src/engine/run.ts -> probes/dns/record.ts"],
  },
  {
    file: "src/check/track.ts",
    imports: ["zod", "../model/arm-id.ts", "../reporters/text.ts", "node:fs"],
    violations: [
      "check-imports: src/check/track.ts -> fs",
      "check-imports: src/check/track.ts -> src/reporters/text.ts",
    ],
  },
  {
    file: "src/reporters/text.ts",
    imports: ["../engine/run.ts", "picocolors"],
    violations: [
      "declared-packages: src/reporters/text.ts -> picocolors",
      "reporters-imports: src/reporters/text.ts -> src/engine/run.ts",
    ],
  },
  { file: "src/cli/tool.ts", imports: ["zod", "vitest"], violations: ["cli-packages: src/cli/tool.ts -> vitest"] },
  {
    file: "src/lab/lab.ts",
    imports: ["dns-packet", "../engine/run.ts", "../model/arm-id.ts", "vitest", "../model/clock.ts"],
    violations: [
      "lab-imports: src/lab/lab.ts -> src/engine/run.ts",
      "lab-imports: src/lab/lab.ts -> src/model/clock.ts",
      "lab-imports: src/lab/lab.ts -> vitest",
    ],
  },
  {
    file: "probes/dns/record.ts",
    imports: ["../../src/model/arm-id.ts", "../../src/facts/workspace.ts"],
    violations: [],
  },
  {
    file: "probes/dns/nosy.ts",
    imports: ["./record.ts", "node:fs", "../../src/net/dns.ts", "zod"],
    violations: [
      "probes-imports: probes/dns/nosy.ts -> probes/dns/record.ts",
      "probes-imports: probes/dns/nosy.ts -> fs",
      "probes-imports: probes/dns/nosy.ts -> src/net/dns.ts",
      "probes-imports: probes/dns/nosy.ts -> zod",
    ],
  },
  { file: "playbooks/runner.ts", imports: ["../src/engine/run.ts", "yaml"], violations: [] },
  {
    file: "src/engine/left.ts",
    imports: ["./right.ts"],
    violations: ["no-cycles: src/engine/left.ts -> src/engine/right.ts"],
  },
  // A cycle is told once, at its first module.
  { file: "src/engine/right.ts", imports: ["./left.ts"], violations: [] },
  { file: "src/utils/strings.ts", imports: ["node:util"], violations: [] },
  { file: "src/reporters/forgotten.ts", imports: [], violations: ["no-dead-modules: src/reporters/forgotten.ts"] },
  {
    file: "src/index.ts",
    imports: ["./cli/main.ts", "./engine/run.ts"],
    violations: ["cli-is-the-top: src/index.ts -> src/cli/main.ts"],
  },
  {
    file: "src/cli/main.ts",
    imports: [
      "../model/clock.ts",
      "../facts/socket.ts",
      "../net/judging.ts",
      "../reporters/text.ts",
      "../check/track.ts",
      "../lab/lab.ts",
      "../utils/strings.ts",
      "../engine/left.ts",
      "../../playbooks/runner.ts",
      "./tool.ts",
      "./nowhere.ts",
    ],
    violations: [
      "known-layers: src/cli/main.ts -> src/utils/strings.ts",
      "resolvable: src/cli/main.ts -> ./nowhere.ts",
    ],
  },
];

describe("the import table", () => {
  let folder = "";
  let check: ImportCheck;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "aml-doctor-imports-"));
    for (const { file, imports } of planted) await plant(folder, file, imports);
    const packages = { "@azure/identity": "*", "dns-packet": "*", yaml: "*", zod: "*" };
    await writeFile(
      path.join(folder, "package.json"),
      JSON.stringify({ type: "module", dependencies: packages, devDependencies: { vitest: "*" } }),
    );
    await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { module: "nodenext" } }));
    await symlink(path.join(project, "node_modules"), path.join(folder, "node_modules"), "junction");
    check = await cruiseImports(folder, path.join(project, ".dependency-cruiser.cjs"));
  }, 60_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(planted)("$file", ({ file, violations }) => {
    const said = check.violations.map(shortPackage).filter((violation) => violation.split(" ")[1] === file);
    expect(said.sort()).toEqual([...violations].sort());
  });

  it("sees every planted module", () => {
    expect({ seen: check.seen, unseen: check.unseen }).toEqual({ seen: planted.length, unseen: [] });
  });
});

async function plant(folder: string, file: string, imports: readonly string[]): Promise<void> {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  // Every other import is of types only: such an import counts as well.
  const lines = imports.map(
    (name, index) => `import ${index % 2 === 1 ? "type " : ""}* as part${index} from "${name}";`,
  );
  await writeFile(path.join(folder, file), [...lines, `export const file = "${file}";`, ""].join("\n"));
}

/** A package by its name instead of the file that the import resolved to. */
function shortPackage(violation: string): string {
  return violation.replace(/ -> .*node_modules\/((@[^/]+\/)?[^/]+)\/.*$/, " -> $1");
}
