import { expect, it } from "vitest";
import diagnose from "../../../probes/workspace/diagnose.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
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
  expect(judgeWith(diagnose, { workspace, results: seen(results), comparison: absent }).map(({ is }) => is)).toEqual(
    expected,
  );
  expect(diagnose.reasons["ws-diagnose-findings"]?.severity).toBe("warning");
});

it.each([
  ["leads to every private endpoint", [], "pass"],
  ["is wrong about a name", [{}], "found"],
])("the service's remark on a DNS server of the network's own that %s", (_, wrong, expected) => {
  const remark = { category: "dnsResolutionResults", code: "CustomDNSInUse", level: "Warning", message: "m" };
  const comparison = seen({ address: "10.0.0.4", asked: [{ resolvers: [] }], wrong });
  const given = { workspace, results: seen([remark]), comparison };
  expect(judgeWith(diagnose, given).map(({ is }) => is)).toEqual([expected]);
});

it("leaves the question open when the diagnosis is refused, and the verdict as it is", () => {
  const action = "Microsoft.MachineLearningServices/workspaces/diagnose/action";
  const refused = gapAt("POST /x", { gap: "denied", status: 403, action });
  expect(judgeWith(diagnose, { workspace, results: refused, comparison: absent })).toMatchObject([
    { is: "unknown", permission: action, matters: false },
  ]);
});
