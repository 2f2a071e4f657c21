import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPlaybooks, PlaybookError } from "../../playbooks/runner.ts";
import { createRegistry } from "../../src/engine/registry.ts";
import { because, probeOf } from "../engine/made-up.ts";

const registry = createRegistry([
  probeOf("dns/record", { reasons: { stale: because(["unlinked"]) } }),
  probeOf("dns/zone", { reasons: { unlinked: because(["unrouted"]), "no-zone": because() } }),
  probeOf("net/path", { reasons: { unrouted: because(["no-zone"]) } }),
]);

const head = "id: one\nsymptom: a name does not resolve\ndocs: [https://example.test/x]\n";
const steps = (...probes: string[]): string =>
  `steps:\n${probes.map((probe) => `  - probe: "${probe}"\n    because: it is first\n`).join("")}`;

let root: string;
const folder = async (files: Record<string, string>): Promise<string> => {
  const made = await mkdtemp(join(root, "playbooks-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text);
  return made;
};
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "aml-doctor-"))));
afterAll(() => rm(root, { recursive: true }));

describe("a folder of playbooks", () => {
  it("is read by name, folder by folder", async () => {
    const first = await folder({
      "b.yaml": head + steps("*"),
      "README.md": "#",
      "a.yaml": head.replace("one", "two") + steps("dns/zone", "dns/record"),
    });
    const second = await folder({ "c.yaml": head.replace("one", "own") + steps("net/*") });
    expect((await loadPlaybooks([first, second], registry)).map((playbook) => playbook.id)).toEqual([
      "two",
      "one",
      "own",
    ]);
  });

  it("that is not there is refused", async () => {
    await expect(loadPlaybooks([join(root, "none")], registry)).rejects.toThrow(PlaybookError);
  });

  it("may not use an id twice", async () => {
    const made = await folder({ "a.yaml": head + steps("*"), "b.yaml": `# a comment\n${head}${steps("*")}` });
    await expect(loadPlaybooks([made], registry)).rejects.toThrow(
      `${join(made, "b.yaml")}:2:5: the id one is taken by ${join(made, "a.yaml")}`,
    );
  });

  it.each<[string, string, string]>([
    ["no YAML", "id: [one\nsteps: 3", "2:1: "],
    ["a key twice", `${head}id: two\n${steps("*")}`, "4:1: Map keys must be unique"],
    ["an empty file", "", "1:1: "],
    ["a misspelt key", `${head}setps: []\n${steps("*")}`, "4:1: there is no such key: setps"],
    ["a misspelt key in a step", `${head}${steps("*")}    becuase: x\n`, "7:5: there is no such key: becuase"],
    ["a key that is missing", `id: one\ndocs: []\n${steps("*")}`, "1:1: symptom: "],
    [
      "a pattern of another form",
      head + steps("dns.record"),
      "5:12: steps.0.probe: must be `area/name`, `area/*` or `*`",
    ],
    ["a status that is none", `${head}${steps("*")}    on: { failed: stop }\n`, "7:11: there is no such key: failed"],
    ["what a status cannot lead to", `${head}${steps("*")}    on: { fail: leave }\n`, "7:17: steps.0.on.fail: "],
    [
      "documentation that is no address",
      `${head.replace("https://example.test/x", "see page 4")}${steps("*")}`,
      "3:8: docs.0: ",
    ],
    [
      "an error fragment without a word",
      `${head}errors: ["ImagePull", "...."]\n${steps("*")}`,
      "4:23: errors.1: must hold a word",
    ],
    ["a probe that is not there", head + steps("dns/zone", "dns/recrod"), "7:12: there is no probe dns/recrod"],
    ["an area that is not there", head + steps("dsn/*"), "5:12: there is no probe dsn/*"],
    [
      "an effect before its cause",
      head + steps("dns/record", "dns/zone"),
      "5:12: unlinked, of step 2 (dns/zone), can cause stale; that step must come first",
    ],
    [
      "an effect before a cause of its cause",
      head + steps("dns/record", "net/path"),
      "5:12: unrouted, of step 2 (net/path), can cause stale; that step must come first",
    ],
    [
      "aliases that multiply",
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
      "1:1: Excessive alias count",
    ],
  ])("refuses %s with its place", async (_, text, message) => {
    const made = await folder({ "p.yaml": text });
    const loading = loadPlaybooks([made], registry);
    await expect(loading).rejects.toThrow(PlaybookError);
    await expect(loading).rejects.toThrow(`${join(made, "p.yaml")}:${message}`);
  });

  it.each([
    ["either order where each can cause the other", ["dns/zone", "net/path"]],
    ["the other order too", ["net/path", "dns/zone"]],
    ["a probe again in a later step", ["net/path", "dns/zone", "dns/record", "*"]],
  ])("accepts %s", async (_, probes) => {
    expect(await loadPlaybooks([await folder({ "p.yaml": head + steps(...probes) })], registry)).toHaveLength(1);
  });
});

describe("the playbook for everything", () => {
  it("asks every probe", async () => {
    const made = await folder({
      "everything.yaml": await readFile(new URL("../../playbooks/everything.yaml", import.meta.url), "utf8"),
    });
    expect(await loadPlaybooks([made], registry)).toMatchObject([{ id: "everything", steps: [{ probe: "*" }] }]);
  });
});
