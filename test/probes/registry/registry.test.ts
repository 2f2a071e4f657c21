import { expect, test } from "vitest";
import build from "../../../probes/registry/image-build-compute.ts";
import egress from "../../../probes/registry/egress.ts";
import approval from "../../../probes/registry/egress-approval.ts";
import image from "../../../probes/registry/image-reference.ts";
import pull from "../../../probes/registry/identity-pull.ts";
import quarantine from "../../../probes/registry/quarantine.ts";
import sku from "../../../probes/registry/sku.ts";
import trusted from "../../../probes/registry/trusted-services.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { lockEvidence } from "../../../src/facts/registry.ts";
import { denied, endpoints, failure, grants, ids, principal, registry, waiting, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const open = { publicNetworkAccess: "Enabled", networkRuleSet: null };

test.each([
  ["Premium", registry(), workspace(), "pass"],
  ["Standard in a private workspace", registry({}, "Standard"), workspace(), "acr-sku-not-premium"],
  ["basic, lower case", registry({}, "basic"), workspace(), "acr-sku-not-premium"],
  [
    "Basic in a public workspace",
    registry(open, "Basic"),
    workspace({ publicNetworkAccess: "Enabled", managedNetwork: null }),
    "pass",
  ],
])("sku: %s", (_, known, space, expected) => {
  expect(verdictOf(sku, { workspace: space, registry: known })).toBe(expected);
});

test.each([
  ["trusted services off, registry closed", registry({ networkRuleBypassOptions: "None" }), "acr-trusted-services-off"],
  ["off, registry open", registry({ ...open, networkRuleBypassOptions: "None" }), "pass"],
  ["not said", registry({ networkRuleBypassOptions: null }), "pass"],
])("trusted services: %s", (_, known, expected) => {
  expect(verdictOf(trusted, { registry: known })).toBe(expected);
});

test.each([
  ["public egress, closed registry", {}, {}, "Enabled", "image-pull", "acr-public-disabled-egress-enabled"],
  [
    "closed registry that keeps its Allow",
    {},
    { networkRuleSet: { defaultAction: "Allow" } },
    "Enabled",
    "image-pull",
    "acr-public-disabled-egress-enabled",
  ],
  [
    "registry of listed addresses",
    {},
    { publicNetworkAccess: "Enabled", networkRuleSet: { defaultAction: "Deny" } },
    "Enabled",
    "image-pull",
    "acr-public-disabled-egress-enabled",
  ],
  ["secured egress", {}, {}, "Disabled", "image-pull", "pass"],
  ["the flag absent", {}, {}, undefined, "image-pull", "pass"],
  ["open registry", {}, open, "Enabled", "image-pull", "pass"],
  [
    "managed network",
    { managedNetwork: { isolationMode: "AllowInternetOutbound" } },
    {},
    "Enabled",
    "image-pull",
    "skip",
  ],
  ["isolation not said", { managedNetwork: { networkId: "n" } }, {}, "Enabled", "image-pull", "unknown"],
  ["another stage failed", {}, {}, "Enabled", "container-start", "acr-public-disabled-egress-enabled(w)"],
])("egress: %s", (_, space, known, egressPublicNetworkAccess, stage, expected) => {
  const facts = {
    workspace: workspace(space),
    registry: registry(known),
    endpoints: endpoints({ egressPublicNetworkAccess }),
    failures: seen([failure(stage)]),
  };
  expect(verdictOf(egress, facts)).toBe(expected);
});

test("egress: on Kubernetes the cluster pulls", () => {
  const facts = {
    workspace: workspace(),
    registry: registry(),
    endpoints: endpoints({ endpointComputeType: "Kubernetes", egressPublicNetworkAccess: "Enabled" }),
    failures: seen([]),
  };
  expect(verdictOf(egress, facts)).toBe("pass");
});

const egressing = {
  owner: "deployment-egress",
  description: "Egress for Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
};

test.each([
  ["pending", egressing, "Failed", "acr-egress-pe-pending"],
  ["pending beside a deployment that came up", egressing, "Succeeded", "acr-egress-pe-pending(w)"],
  ["a customer's endpoint", { owner: "customer" }, "Failed", "pass"],
  ["a stranger's", { owner: "foreign" }, "Failed", "pass"],
])("egress approval: %s", (_, more, provisioningState, expected) => {
  const facts = {
    registry: registry(),
    waiting: [waiting("registry", ids.registry, more)],
    endpoints: seen(endpoints({ provisioningState })),
  };
  expect(verdictOf(approval, facts)).toBe(expected);
});

test("egress approval: a rejected connection is not approved again", () => {
  const facts = {
    registry: registry(),
    waiting: [waiting("registry", ids.registry, { ...egressing, status: "Rejected" })],
    endpoints: seen(endpoints()),
  };
  expect(commandsOf(approval, facts)).not.toContain("approve");
});

const acrPull = { actions: ["Microsoft.ContainerRegistry/registries/pull/read"] };
const refusal =
  "Failed to pull acrmlprod.azurecr.io/a:1: Endpoint identity does not have pull permission on the registry.";
const roles = (assignments: readonly (readonly [string, string, string?])[], permission: object) =>
  grants(ids.registry, assignments, { r: { ...permission } });

test.each([
  ["AcrPull", roles([[principal, "r"]], acrPull), [], "pass"],
  ["Reader, by its wildcard", roles([[principal, "r"]], { actions: ["*/read"] }), [], "pass"],
  [
    "Contributor with an exception",
    roles([[principal, "r"]], { actions: ["*"], notActions: ["Microsoft.ContainerRegistry/registries/pull/*"] }),
    [failure("image-pull")],
    "acr-identity-missing-acrpull",
  ],
  ["nothing", roles([], acrPull), [failure("image-pull", [refusal])], "acr-identity-missing-acrpull"],
  ["a group may bring it", roles([["g", "r", "Group"]], acrPull), [failure("image-pull", ["i/o timeout"])], "pass"],
  [
    "a group may bring it, and the service refuses",
    roles([["g", "r", "Group"]], acrPull),
    [failure("image-pull", [refusal])],
    "acr-identity-missing-acrpull?",
  ],
  ["roles not readable", denied, [failure("image-pull", ["i/o timeout"])], "unknown"],
  [
    "roles not readable, and the service refuses",
    denied,
    [failure("image-pull", [refusal])],
    "acr-identity-missing-acrpull?",
  ],
])("identity: %s", (_, known, failures, expected) => {
  expect(
    verdictOf(pull, { registry: registry(), endpoints: endpoints(), grants: known, failures: seen(failures) }),
  ).toBe(expected);
});

test.each([
  [
    "set and there",
    "build",
    [{ name: "build", id: "c", properties: { computeType: "AmlCompute", provisioningState: "Succeeded" } }],
    [],
    "pass",
  ],
  [
    "not set, a build failed",
    null,
    [],
    [failure("image-build", ["Image build failed"])],
    "acr-image-build-compute-missing",
  ],
  ["not set, nothing failed", null, [], [], "acr-image-build-compute-missing(w)"],
  ["set and gone", "build", [], [failure("unstated")], "acr-image-build-compute-missing"],
])("image build compute: %s", (_, imageBuildCompute, computes, failures, expected) => {
  expect(
    verdictOf(build, {
      workspace: workspace({ imageBuildCompute }),
      registry: registry(),
      computes: seen(computes),
      failures: seen(failures),
    }),
  ).toBe(expected);
  expect(
    verdictOf(build, {
      workspace: workspace({ imageBuildCompute }),
      registry: registry(open),
      computes: seen(computes),
      failures: seen(failures),
    }),
  ).toBe("pass");
});

test("quarantine: likely, and a warning where everything came up", () => {
  const known = registry({ policies: { quarantinePolicy: { status: "Enabled" } } });
  expect(verdictOf(quarantine, { registry: known, endpoints: seen(endpoints()) })).toBe("acr-quarantine-enabled?");
  expect(
    verdictOf(quarantine, { registry: known, endpoints: seen(endpoints({ provisioningState: "Succeeded" })) }),
  ).toBe("acr-quarantine-enabled?(w)");
  expect(verdictOf(quarantine, { registry: registry(), endpoints: absent })).toBe("pass");
});

test.each([
  ["the tag is not there", "Failed to pull acrmlprod.azurecr.io/a/b:12: manifest unknown", "acr-image-missing"],
  ["another registry", "Failed to pull other.azurecr.io/a/b:12: i/o timeout", "acr-private-third-party-registry?"],
  [
    "the Microsoft registry with secured egress",
    "Failed to pull mcr.microsoft.com/azureml/x:1: i/o timeout",
    "acr-mcr-blocked",
  ],
  ["its own registry does not answer", "Failed to pull acrmlprod.azurecr.io/a/b:12: i/o timeout", "pass"],
])("image reference: %s", (_, words, expected) => {
  expect(
    verdictOf(image, {
      workspace: workspace(),
      registry: registry(),
      failures: [failure("image-pull", [words])],
      endpoints: endpoints(),
    }),
  ).toBe(expected);
});

test.each([
  ["public access off", registry({ publicNetworkAccess: "disabled" }), "properties.publicNetworkAccess", "disabled"],
  [
    "listed addresses",
    registry({ publicNetworkAccess: "Enabled", networkRuleSet: { defaultAction: "Deny" } }),
    "properties.networkRuleSet.defaultAction",
    "Deny",
  ],
])("what closes the registry: %s", (_, known, member, observed) => {
  expect(lockEvidence(known)).toMatchObject({ source: `${known.id} ${member}`, observed });
});
