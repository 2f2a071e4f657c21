import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * Commands of the `ml` extension that the product names, with the options that it names for them. The extension is not to
 * be had everywhere, so they are never printed as the fix, and are checked against its reference in this form:
 * https://learn.microsoft.com/cli/azure/ml
 */
const reference: Readonly<Record<string, readonly string[]>> = {
  "compute attach": ["--file", "--name", "--namespace", "--resource-id", "--type", "--user-assigned-identities"],
  "environment create": ["--file"],
  "model create": ["--file", "--path"],
  "model download": ["--download-path", "--name", "--registry-name", "--version"],
  "online-deployment create": ["--all-traffic", "--endpoint-name", "--file", "--name", "--set"],
  "online-deployment get-logs": ["--container", "--endpoint-name", "--lines", "--name"],
  "online-deployment update": ["--endpoint-name", "--file", "--name", "--set"],
  "online-endpoint update": ["--file", "--name", "--set"],
  "workspace network-rule add": ["--ip-address"],
  "workspace provision-network": ["--include-spark"],
  "workspace sync-keys": [],
  "workspace update": ["--file", "--image-build-compute", "--managed-network", "--public-network-access", "--set"],
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const sources = globSync(["probes/**/*.ts", "playbooks/**/*.yaml", "src/model/*.ts", "src/facts/*.ts"], { cwd: root });
const mentions = sources.flatMap((file) =>
  [
    ...readFileSync(`${root}${file}`, "utf8").matchAll(
      /\baz ml (?<words>[a-z][a-z-]*(?: [a-z][a-z-]*)*)(?<rest>[^"'`.]*)/g,
    ),
  ].map(({ groups }) => ({
    file,
    words: groups?.["words"] ?? "",
    options: [...(groups?.["rest"]?.match(/--[a-z][a-z-]*/g) ?? [])] as string[],
  })),
);

describe("commands of the ml extension", () => {
  it("are found in the sources", () => {
    expect(mentions.length).toBeGreaterThan(2);
  });

  it.each(mentions)("az ml $words ($file)", ({ words, options }) => {
    const command = Object.keys(reference).find((name) => words === name || words.startsWith(`${name} `));
    expect(command, "not in the table above: look it up in the reference").toBeDefined();
    for (const option of options) expect(reference[command ?? ""]).toContain(option);
  });

  it("never carry the switch of version 1 that version 2 does not have", () => {
    expect(mentions.filter(({ options }) => options.includes("--v1-legacy-mode"))).toEqual([]);
  });
});
