import { expect, it } from "vitest";
import diagnose from "../../../probes/workspace/diagnose.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
import { oid, path, signIn } from "../client/own-path.ts";
import { judgeWith } from "../judge.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

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
  expect(judgeWith(diagnose, { workspace, results: seen(results), own: absent }).map(({ is }) => is)).toEqual(expected);
  expect(diagnose.reasons["ws-diagnose-findings"]?.severity).toBe("warning");
});

it("asks for the role when the diagnosis is refused, and leaves the question open", () => {
  const action = "Microsoft.MachineLearningServices/workspaces/diagnose/action";
  const refused = gapAt("POST /x", { gap: "denied", status: 403, action });
  const signedIn = seen(path({ signIn: signIn({ claims: { objectId: oid, kind: "app" } }) }));
  const given = { workspace, results: refused, own: signedIn };
  expect(verdictOf(diagnose, given)).toBe("rbac-diagnose-action-missing unknown");
  expect(commandsOf(diagnose, given)).toContain(`--assignee-object-id ${oid}`);
  expect(verdictOf(diagnose, { ...given, results: gapAt("POST /x", { gap: "timed-out", afterMs: 1 }) })).toBe(
    "unknown",
  );
});
