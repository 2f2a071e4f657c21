import { describe, expect, it } from "vitest";
import { ruleFor } from "../../src/model/resolver-rules.ts";

describe("the rule for a name", () => {
  const table = (...namespaces: readonly string[]) => namespaces.map((namespace) => ({ namespace, servers: [] }));
  it.each<[string, readonly string[], string, string | undefined]>([
    ["none", [], "a.api.azureml.ms", undefined],
    ["a suffix", [".api.azureml.ms"], "A.api.AzureML.ms.", ".api.azureml.ms"],
    ["the suffix itself", [".api.azureml.ms"], "api.azureml.ms", ".api.azureml.ms"],
    ["no part of a label", [".ml.ms"], "a.azureml.ms", undefined],
    ["the longest suffix", [".ms", ".api.azureml.ms", ".azureml.ms"], "a.api.azureml.ms", ".api.azureml.ms"],
    ["the very name before all", [".x.a.example", "host", "host.x.a.example"], "host.x.a.example", "host.x.a.example"],
    ["the first label before a suffix", [".x.a.example", "host"], "host.x.a.example", "host"],
    ["every name, last", [".", ".example"], "a.example", ".example"],
    ["every name", ["."], "a.example", "."],
    ["the first of two alike", [".A.example", ".a.example"], "b.a.example", ".A.example"],
  ])("is %s", (_, namespaces, name, expected) => {
    expect(ruleFor(table(...namespaces), name)?.namespace).toBe(expected);
  });
});
