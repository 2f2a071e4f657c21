import { describe, expect, it } from "vitest";
import template from "../../../probes/workspace/template-version.ts";
import propagation from "../../../probes/workspace/v1-legacy-mode-propagation.ts";
import { ids, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const at = (hour: number, minute = 0): string => new Date(Date.UTC(2026, 0, 1, hour, minute)).toISOString();
const refused = (time: string, refusal: string | undefined = "V1LegacyMode == true") => ({
  id: ids.endpoint,
  at: time,
  ...(refusal === "" ? {} : { refusal }),
});

describe("a refusal for v1 legacy mode while it is off", () => {
  it.each([
    ["half an hour after a write", { writes: [at(8)], endpoints: [refused(at(8, 30))] }, "found"],
    ["shortly after the second of two writes", { writes: [at(2), at(8)], endpoints: [refused(at(9))] }, "found"],
    ["between two writes", { writes: [at(8), at(9)], endpoints: [refused(at(8, 30))] }, "pass"],
    ["before the only write", { writes: [at(8)], endpoints: [refused(at(7))] }, "pass"],
    ["three hours after the last write", { writes: [at(8)], endpoints: [refused(at(11, 1))] }, "pass"],
    ["with no write in the log", { writes: [], endpoints: [refused(at(8))] }, "pass"],
    ["that was another refusal", { writes: [at(8)], endpoints: [refused(at(8, 30), "")] }, "pass"],
    ["that nobody met", { writes: [at(8)], endpoints: [] }, "pass"],
    ["that was not looked for", undefined, "skip"],
  ])("%s", (_, refusals, expected) => {
    const facts = { workspace: workspace({ v1LegacyMode: false }), refusals };
    expect(verdictOf(propagation, facts)).toBe(expected === "found" ? "ws-v1-legacy-mode-propagating?" : expected);
  });

  it("is no matter of waiting while it is on", () => {
    const refusals = { writes: [at(8)], endpoints: [refused(at(8, 30))] };
    expect(verdictOf(propagation, { workspace: workspace({ v1LegacyMode: true }), refusals })).toBe("skip");
  });
});

describe("the template that deployed the workspace", () => {
  const deployment = (name: string, apiVersion?: string) => ({
    deploymentId: `${ids.workspace.split("/providers/")[0] ?? ""}/providers/Microsoft.Resources/deployments/${name}`,
    name,
    timestamp: at(8),
    ...(apiVersion === undefined ? {} : { apiVersion }),
  });
  const facts = (v1LegacyMode: boolean | undefined, templates: unknown) => ({
    workspace: workspace({ v1LegacyMode }),
    templates,
  });
  it.each([
    ["with an old api-version", facts(true, [deployment("a", "2021-07-01")]), "ws-v1-legacy-mode-reset-by-iac?"],
    ["with an old preview", facts(true, [deployment("a", "2022-02-01-preview")]), "ws-v1-legacy-mode-reset-by-iac?"],
    ["with the first that leaves it off", facts(true, [deployment("a", "2022-05-01")]), "pass"],
    ["lately with a new one", facts(true, [deployment("b", "2024-04-01"), deployment("a", "2021-07-01")]), "pass"],
    ["with one that is not told", facts(true, [deployment("a")]), "skip"],
    ["cannot be found", facts(true, []), "skip"],
    ["while the flag is off", facts(false, undefined), "skip"],
    ["while the flag is absent", facts(undefined, undefined), "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(template, given)).toBe(expected);
  });

  it("is shown by its own name", () => {
    expect(commandsOf(template, facts(true, [deployment("aml-2021", "2021-07-01")]))).toBe(
      "az deployment group export --subscription 00000000-0000-4000-8000-000000000001 --resource-group rg-ml --name aml-2021",
    );
  });
});
