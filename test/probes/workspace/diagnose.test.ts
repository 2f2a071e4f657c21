import { expect, it } from "vitest";
import diagnose from "../../../probes/workspace/diagnose.ts";
import { judgeWith } from "../judge.ts";

const workspace = { id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w" };

it.each([
  ["nothing", [], ["pass"]],
  ["information", [{ category: "otherResults", code: "A", level: "Information", message: "m" }], ["pass"]],
  [
    "a warning and an error",
    [
      { category: "dnsResolutionResults", code: "CustomDnsInUse", level: "Warning", message: "m" },
      { category: "otherResults", code: "B", level: "Error", message: "m" },
    ],
    ["found", "found"],
  ],
])("the service's own diagnosis with %s", (_, results, expected) => {
  expect(judgeWith(diagnose, { workspace, results }).map(({ is }) => is)).toEqual(expected);
  expect(diagnose.reasons["ws-diagnose-findings"]?.severity).toBe("warning");
});
