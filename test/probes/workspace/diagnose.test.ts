import { expect, it } from "vitest";
import diagnose from "../../../probes/workspace/diagnose.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
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
  expect(judgeWith(diagnose, { workspace, results: seen(results) }).map(({ is }) => is)).toEqual(expected);
  expect(diagnose.reasons["ws-diagnose-findings"]?.severity).toBe("warning");
});

it("leaves the question open when the diagnosis is refused, and the verdict as it is", () => {
  const action = "Microsoft.MachineLearningServices/workspaces/diagnose/action";
  const refused = gapAt("POST /x", { gap: "denied", status: 403, action });
  expect(judgeWith(diagnose, { workspace, results: refused })).toMatchObject([
    { is: "unknown", permission: action, matters: false },
  ]);
});
