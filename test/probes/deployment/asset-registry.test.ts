import { describe, expect, it } from "vitest";
import probe from "../../../probes/deployment/asset-registry.ts";
import { registryOfAsset } from "../../../src/facts/asset-registries.ts";
import { seen } from "../../../src/model/observation.ts";
import { denied, failure, ids, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/registries/models";
const managed = workspace({ managedNetwork: { isolationMode: "AllowOnlyApprovedOutbound" } });
const rule = (status: string) => ({ id: `${ids.workspace}/outboundRules/r`, name: "r", status, serviceResourceId: id });

function facts(
  registry: unknown,
  more: { space?: unknown; rules?: unknown; stage?: string; kind?: string } = {},
): Record<string, unknown> {
  const { space = managed, rules = seen([]), stage = "model-download", kind = "model" } = more;
  const asset = `azureml://registries/models/${kind}s/churn/versions/7`;
  const uses = [{ endpointId: ids.endpoint, deploymentId: ids.deployment, kind, asset }];
  return {
    workspace: space,
    registries: [{ name: "models", registry, uses }],
    rules,
    failures: seen(stage === "none" ? [] : [failure(stage, ["the service's words"])]),
  };
}

const closed = seen({ id, name: "models", properties: { publicNetworkAccess: "Disabled" } });
const open = seen({ id, name: "models", properties: { publicNetworkAccess: "Enabled" } });
const unsaid = seen({ id, name: "models", properties: {} });
const found = "dep-aml-registry-private?";

describe("a deployment's model or environment of a registry", () => {
  it.each([
    ["that is none: all is the workspace's", { ...facts(closed), registries: undefined }, "skip"],
    ["that is closed and has no rule", facts(closed), found],
    ["that is closed, and the image build failed", facts(closed, { kind: "environment", stage: "image-build" }), found],
    ["that is closed, and the image alone failed", facts(closed, { stage: "image-pull" }), `${found}(w)`],
    ["that is closed, and the deployment is up", facts(closed, { stage: "none" }), `${found}(w)`],
    ["that is closed and has a rule", facts(closed, { rules: seen([rule("Active")]) }), "pass"],
    ["that is closed and has a rule which is not active", facts(closed, { rules: seen([rule("Failed")]) }), found],
    ["that is closed, without a managed network", facts(closed, { space: workspace() }), found],
    ["that is closed, and the rules are unseen", facts(closed, { rules: denied }), "unknown"],
    ["that is open", facts(open), "pass"],
    ["that does not say", facts(unsaid), "pass"],
    ["that stands elsewhere", facts({ is: "absent" }), "skip"],
    ["that may not be read", facts(denied), "unknown"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(probe, given)).toBe(expected);
  });

  it("gets a rule to the registry, under a managed network only", () => {
    expect(commandsOf(probe, facts(closed))).toMatch(/outboundRules\/pe-models[^]*amlregistry/);
    expect(commandsOf(probe, facts(closed, { space: workspace() }))).not.toContain("outboundRules");
  });

  it.each([
    ["azureml://registries/models/models/churn/versions/7", "models"],
    [`${id}/environments/e/versions/1`, "models"],
    [`${ids.workspace}/models/churn/versions/7`, undefined],
    ["azureml:churn:7", undefined],
    [undefined, undefined],
  ])("is told by its id %s", (asset, expected) => {
    expect(registryOfAsset(asset)).toBe(expected);
  });
});
