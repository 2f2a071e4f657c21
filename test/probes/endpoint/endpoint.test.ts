import { describe, expect, it } from "vitest";
import privatePath from "../../../probes/endpoint/private-path.ts";
import provisioning from "../../../probes/endpoint/provisioning.ts";
import { judgeWith } from "../judge.ts";

const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w";
const endpoint = (properties: object): object => ({
  endpoint: { id: `${id}/onlineEndpoints/e`, name: "e", properties },
  deployments: { is: "value", value: [] },
});
const said = (verdicts: ReturnType<typeof judgeWith>): string[] =>
  verdicts.map((verdict) => (verdict.is === "found" ? (verdict.as ?? "error") : verdict.is));

describe("the state of an endpoint", () => {
  it.each([
    ["Succeeded", "pass"],
    ["succeeded", "pass"],
    ["Failed", "error"],
    ["Creating", "skip"],
  ])("%s", (provisioningState, expected) => {
    expect(
      said(
        judgeWith(provisioning, {
          target: { endpoint: "e" },
          workspace: { id, properties: {} },
          endpoints: { is: "value", value: [endpoint({ provisioningState })] },
        }),
      ),
    ).toEqual([expected]);
  });

  it("is a warning for one that is not there", () => {
    expect(
      said(
        judgeWith(provisioning, {
          target: { endpoint: "e" },
          workspace: { id, properties: {} },
          endpoints: { is: "absent" },
        }),
      ),
    ).toEqual(["warning"]);
  });
});

describe("a private-only endpoint", () => {
  const connection = (status: string): object => ({
    id: `${id}/privateEndpointConnections/c`,
    properties: { privateLinkServiceConnectionState: { status } },
  });
  it.each([
    ["with an approved connection", [connection("approved")], {}, "pass"],
    ["with a pending one", [connection("Pending")], {}, "error"],
    ["with none", [], {}, "error"],
    ["of a project", [], { hubResourceId: "/h" }, "skip"],
  ])("%s", (_, connections, properties, expected) => {
    expect(
      said(
        judgeWith(privatePath, {
          workspace: { id, properties },
          connections,
          endpoints: [endpoint({ publicNetworkAccess: "Disabled" })],
          known: { is: "absent" },
          zones: { is: "absent" },
          names: { is: "absent" },
          here: { is: "absent" },
        }),
      ),
    ).toEqual([expected]);
  });
});
