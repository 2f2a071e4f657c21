import { describe, expect, it } from "vitest";
import traffic from "../../../probes/endpoint/traffic.ts";
import { judgeWith } from "../judge.ts";

const id =
  "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/e";

function endpoint(
  weights: Record<string, number> | null | undefined,
  states: Record<string, string>,
  own: Record<string, string> = {},
): unknown {
  const deployments = Object.entries(states).map(([name, provisioningState]) => ({
    id: `${id}/deployments/${name}`,
    name,
    properties: { provisioningState },
  }));
  return {
    endpoints: [
      {
        endpoint: { id, name: "e", properties: { ...(weights === undefined ? {} : { traffic: weights }), ...own } },
        deployments: { is: "value", value: deployments },
      },
    ],
  };
}

describe("the traffic of an endpoint", () => {
  it.each([
    ["nothing deployed", {}, {}, "skip"],
    ["all of it to one", { blue: 100 }, { blue: "Succeeded" }, "pass"],
    ["a name in another case", { Blue: 100 }, { blue: "succeeded" }, "pass"],
    ["none although one is ready", {}, { blue: "Succeeded" }, "found"],
    ["zeros", { blue: 0 }, { blue: "Succeeded" }, "found"],
    ["no weights at all", null, { blue: "Succeeded" }, "found"],
    ["to a deployment that is gone", { old: 100 }, { blue: "Succeeded" }, "found"],
    ["none while it is being created", {}, { blue: "Creating" }, "skip"],
    ["none because it failed", {}, { blue: "Failed" }, "found"],
  ])("%s", (_, weights, states, expected) => {
    expect(
      judgeWith(
        traffic,
        endpoint(weights as Record<string, number> | null, states as Record<string, string>) as Record<string, unknown>,
      ).map(({ is }) => is),
    ).toEqual([expected]);
  });

  it("does not take an answer without traffic for none", () => {
    const given = endpoint(undefined, { blue: "Succeeded" }) as Record<string, unknown>;
    expect(judgeWith(traffic, given).map(({ is }) => is)).toEqual(["unknown"]);
  });

  it("takes an answer that leaves only the traffic out for a hint", () => {
    const given = endpoint(undefined, { blue: "Succeeded" }, { provisioningState: "Succeeded" });
    const [verdict] = judgeWith(traffic, given as Record<string, unknown>);
    expect(verdict).toMatchObject({ is: "found", confidence: "likely" });
  });

  it("names the deployment in the command, quoted", () => {
    const [verdict] = judgeWith(traffic, endpoint({}, { blue: "Succeeded" }) as Record<string, unknown>);
    if (verdict?.is !== "found") throw new Error("nothing was found");
    const fix = traffic.reasons["oe-traffic-unassigned"]?.fix(verdict);
    expect(JSON.stringify(fix)).toContain(String.raw`'properties.traffic={\"blue\":100}'`);
  });
});
