import type { World } from "../../src/lab/world.ts";
import { containerSays, deploymentFails, refusedCall } from "./edit-deployment.ts";
import { workspaceResource } from "./edit-dependencies.ts";
import { add, resource, resources, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

type Json = Record<string, unknown>;
const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
const provider = `${subscription}/resourceGroups/rg-shared/providers`;
const registry = `${provider}/Microsoft.MachineLearningServices/registries/models`;
const endpoint = `${workspaceResource}/onlineEndpoints/score1`;
const ruleType = "Microsoft.MachineLearningServices/workspaces/outboundRules";
const asset = "azureml://registries/models/models/churn/versions/7";

function managedNetwork(world: World): Json & { outboundRules: Record<string, Json> } {
  return resource(world, "/workspaces/mlprod").properties.managedNetwork as Json & {
    outboundRules: Record<string, Json>;
  };
}

/** The model comes from a registry of Azure Machine Learning. */
function fromRegistry(world: World, access: "Enabled" | "Disabled"): void {
  const type = "Microsoft.MachineLearningServices/registries";
  add(world, { id: registry, name: "models", type, location: "eastus2", properties: { publicNetworkAccess: access } });
  set(world, "/deployments/blue", { model: asset });
}

/** Adds a rule of the managed network, in the list and in the workspace's copy. */
function addRule(world: World, name: string, properties: Json): void {
  const whole = { category: "UserDefined", ...properties };
  add(world, { id: `${workspaceResource}/outboundRules/${name}`, name, type: ruleType, properties: whole });
  managedNetwork(world).outboundRules[name] = whole;
}

function ruleToRegistry(world: World, status: string): void {
  const destination = { serviceResourceId: registry, subresourceTarget: "amlregistry", sparkEnabled: false };
  addRule(world, "pe-models", { type: "PrivateEndpoint", destination, status });
}

const noModel = (world: World): void =>
  deploymentFails(world, { step: "ModelDownload", warning: "Failed to download model churn:7" });

/** The state of Microsoft.Network in the workspace's subscription. */
function registration(world: World, registrationState: string): void {
  const id = `${subscription}/providers/Microsoft.Network`;
  add(world, { id, name: "Microsoft.Network", type: "Microsoft.Resources/subscriptions/providers", registrationState });
}

function unprovisioned(world: World): void {
  managedNetwork(world).status = { status: "Inactive", sparkReady: false };
  for (const { properties } of resources(world, ruleType)) properties.status = "Inactive";
  for (const rule of Object.values(managedNetwork(world).outboundRules)) rule.status = "Inactive";
}

/** What is sent of the endpoint's logs, by category. */
function sent(world: World, ...categories: readonly string[]): void {
  const type = "Microsoft.Insights/diagnosticSettings";
  const workspaceId = `${provider}/Microsoft.OperationalInsights/workspaces/log-ml`;
  const logs = categories.map((category) => ({ category, enabled: true }));
  add(world, { id: `${endpoint}/providers/${type}/to-log`, name: "to-log", type, properties: { workspaceId, logs } });
}

function failRule(world: World, errorInformation: string): void {
  set(world, "/outboundRules/pypi", { status: "Failed", errorInformation });
}

const call = (host: string) => (world: World) => containerSays(world, [refusedCall(host, 1433)]);

export const deploymentSettingVariations: readonly Variation[] = [
  {
    story: "a model comes from a closed registry to which the managed network has no rule",
    baseline: "managed-network",
    change(world) {
      fromRegistry(world, "Disabled");
      noModel(world);
    },
    roots: ["dep-aml-registry-private"],
    effects: ["dep-unable-download-model"],
    fix: [/outboundRules\/pe-models/, /amlregistry/, /resource update .*deployments\/blue/],
  },
  {
    story: "a model comes from a closed registry, and the rule to it failed",
    baseline: "managed-network",
    change(world) {
      fromRegistry(world, "Disabled");
      ruleToRegistry(world, "Failed");
      noModel(world);
    },
    roots: ["mn-outbound-rule-not-active"],
    effects: ["dep-aml-registry-private", "dep-unable-download-model"],
  },
  {
    story: "a model comes from a closed registry to which the managed network has a rule, and does not download",
    baseline: "managed-network",
    change(world) {
      fromRegistry(world, "Disabled");
      ruleToRegistry(world, "Active");
      noModel(world);
    },
    roots: ["dep-unable-download-model"],
    not: ["dep-aml-registry-private"],
  },
  {
    story: "a model comes from a registry that is open, and does not download",
    baseline: "managed-network",
    change(world) {
      fromRegistry(world, "Enabled");
      noModel(world);
    },
    roots: ["dep-unable-download-model"],
    not: ["dep-aml-registry-private"],
  },
  {
    story: "a deployment came up with a model of a registry that is closed by now",
    baseline: "managed-network",
    change: (world) => fromRegistry(world, "Disabled"),
    roots: [],
    warns: ["dep-aml-registry-private"],
  },
  {
    story: "a model comes from a closed registry to a deployment with secured egress of its own",
    baseline: "customer-network",
    change(world) {
      fromRegistry(world, "Disabled");
      noModel(world);
    },
    roots: ["dep-aml-registry-private"],
    effects: ["dep-unable-download-model"],
  },
  {
    story: "the managed network was never built, in a subscription without the provider for networks",
    baseline: "managed-network",
    change(world) {
      unprovisioned(world);
      registration(world, "NotRegistered");
    },
    roots: ["mn-provider-not-registered"],
    effects: ["mn-not-provisioned", "mn-outbound-rule-not-active"],
    fix: [/provider register --namespace Microsoft\.Network/, /provisionManagedNetwork/],
  },
  {
    story: "the managed network was never built, in a subscription with the provider for networks",
    baseline: "managed-network",
    change(world) {
      unprovisioned(world);
      registration(world, "Registered");
    },
    roots: ["mn-not-provisioned"],
    not: ["mn-provider-not-registered"],
  },
  {
    story: "the managed network works, and its subscription no longer has the provider for networks",
    baseline: "managed-network",
    change: (world) => registration(world, "Unregistered"),
    roots: [],
    warns: ["mn-provider-not-registered"],
  },
  {
    story: "the managed firewall cannot be made in the region",
    baseline: "managed-network",
    change: (world) =>
      failRule(world, "SkuNotAvailable: the requested SKU of the firewall is not available in eastus2"),
    roots: ["mn-firewall-sku-or-region"],
    fix: [/outboundRules\/pypi/],
  },
  {
    story: "a rule by name failed with an error that has nothing to do with a firewall",
    baseline: "managed-network",
    change: (world) => failRule(world, "The name could not be resolved"),
    roots: ["mn-outbound-rule-not-active"],
    not: ["mn-firewall-sku-or-region"],
  },
  {
    story: "a deployment calls the private endpoint of the storage account by its address",
    baseline: "managed-network",
    change: call("10.1.0.10"),
    roots: ["mn-onprem-or-nonhttps-target"],
    warns: ["mn-no-peering-with-customer-vnet"],
  },
  {
    story: "a deployment calls an address that is of no network in sight",
    baseline: "managed-network",
    change: call("172.20.0.9"),
    roots: ["mn-onprem-or-nonhttps-target"],
    not: ["mn-no-peering-with-customer-vnet"],
  },
  {
    story: "of an endpoint's logs, only the traffic is sent to Log Analytics",
    baseline: "managed-network",
    change: (world) => sent(world, "AmlOnlineEndpointTrafficLog"),
    roots: [],
    warns: ["dep-logs-unavailable-or-stripped"],
  },
  {
    story: "all of an endpoint's logs are sent to Log Analytics",
    baseline: "managed-network",
    change: (world) =>
      sent(world, "AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog"),
    roots: [],
    not: ["dep-logs-unavailable-or-stripped"],
  },
  {
    story: "a private workspace has a public endpoint",
    baseline: "managed-network",
    change: (world) => set(world, "/onlineEndpoints/score1", { publicNetworkAccess: "Enabled" }),
    roots: [],
    warns: ["dep-network-isolation-pattern-mismatch"],
  },
  {
    story: "a public workspace has a public endpoint",
    baseline: "public",
    change: () => undefined,
    roots: [],
    not: ["dep-network-isolation-pattern-mismatch", "dep-aml-registry-private", "mn-provider-not-registered"],
  },
  {
    story: "an endpoint on a cluster says that it is public, which means nothing there",
    baseline: "kubernetes",
    change: () => undefined,
    roots: [],
    not: ["dep-network-isolation-pattern-mismatch"],
  },
];
