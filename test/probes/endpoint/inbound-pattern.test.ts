import { describe, expect, it } from "vitest";
import probe from "../../../probes/endpoint/inbound-pattern.ts";
import { endpoints, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

function facts(endpoint: string | undefined, space: string | undefined, compute = "Managed"): Record<string, unknown> {
  const flag = endpoint === undefined ? {} : { publicNetworkAccess: endpoint };
  return {
    workspace: workspace({ publicNetworkAccess: space }),
    endpoints: endpoints({ endpointComputeType: compute }, flag),
  };
}

describe("an endpoint and its workspace", () => {
  it.each([
    ["are closed", facts("Disabled", "Disabled"), "pass"],
    ["are open", facts("Enabled", "Enabled"), "skip"],
    ["differ: the endpoint is open", facts("Enabled", "Disabled"), "dep-network-isolation-pattern-mismatch"],
    ["differ in case too", facts("enabled", "disabled"), "dep-network-isolation-pattern-mismatch"],
    ["differ: the workspace is open", facts("Disabled", "Enabled"), "skip"],
    ["do not say", facts(undefined, undefined), "skip"],
    ["do not say of the endpoint", facts(undefined, "Disabled"), "pass"],
    [
      "are a project's, which is as open as its hub",
      {
        ...facts("Enabled", "Disabled"),
        workspace: workspace({ publicNetworkAccess: "Disabled", hubResourceId: "/hub" }),
      },
      "skip",
    ],
    ["are on a cluster", facts("Enabled", "Disabled", "Kubernetes"), "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(probe, given)).toBe(expected);
  });

  it("are closed, never opened", () => {
    expect(commandsOf(probe, facts("Enabled", "Disabled"))).toMatch(/publicNetworkAccess=Disabled$/);
  });
});
