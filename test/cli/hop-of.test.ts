import { describe, expect, it } from "vitest";
import { hopOf } from "../../src/cli/hop-of.ts";

const group = "/subscriptions/s/resourceGroups/g/providers";
const workspace = `${group}/Microsoft.MachineLearningServices/workspaces/ws`;

describe("the hop of a finding", () => {
  it.each([
    [
      "deployment/image-pull",
      `${group}/Microsoft.ContainerRegistry/registries/acr/privateEndpointConnections/c`,
      "registry",
    ],
    ["deployment/image-pull", `${workspace}/onlineEndpoints/e/deployments/d`, "deployment"],
    ["endpoint/traffic", `${workspace}/onlineEndpoints/e`, "endpoint"],
    ["private-endpoint/workspace-connection", `${workspace}/privateEndpointConnections/c`, "private-endpoint"],
    ["dns/zone-links", `${group}/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms`, "zones"],
    ["dns/custom-resolver", "10.0.0.4:53", "resolvers"],
    ["dns/zone-presence", "privatelink.api.azureml.ms", "zones"],
    ["client/tcp", "10.1.0.5:443", "private-endpoint"],
    ["client/proxy", "vm-jump", "machine"],
    ["scoring/forbidden", "score1.example", "endpoint"],
    ["workspace/diagnose", workspace, "workspace"],
    ["some-area/new", "anything", "some-area"],
  ])("of %s at %s is %s", (probe, subject, hop) => expect(hopOf({ probe, subject })).toBe(hop));
});
