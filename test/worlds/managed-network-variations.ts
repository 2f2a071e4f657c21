import type { World } from "../../src/lab/world.ts";
import { deploymentFails, refusedCall } from "./edit-deployment.ts";
import { addNameRule, managedNetwork, modelCalls, removeRule, ruleType, setRule } from "./edit-managed-network.ts";
import { connectionState } from "./edit-dependencies.ts";
import { remove, resource, resources, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

type Json = Record<string, unknown>;
const registryRule = "__SYS_PE_acrmlprod_registry";
const vaultRule = "__SYS_PE_kvmlprod_vault";
const blobRule = "__SYS_PE_stmlprod_blob";

/** The network was asked for and never built. */
function unprovisioned(world: World): void {
  managedNetwork(world).status = { status: "Inactive", sparkReady: false };
  for (const { properties } of resources(world, ruleType)) properties.status = "Inactive";
  for (const rule of Object.values(managedNetwork(world).outboundRules)) rule.status = "Inactive";
}

const permission = "AuthorizationFailed: the client does not have authorization to perform action";

export const managedNetworkVariations: readonly Variation[] = [
  {
    story: "the managed network was never provisioned",
    baseline: "managed-network",
    change: unprovisioned,
    roots: ["mn-not-provisioned"],
    effects: ["mn-outbound-rule-not-active"],
    fix: [/provision/],
  },
  {
    story: "a deployment was refused because the managed network was never provisioned",
    baseline: "managed-network",
    change(world) {
      unprovisioned(world);
      deploymentFails(world, {
        lines: ["WorkspaceManagedNetworkNotReady: the workspace managed network is not ready"],
      });
    },
    roots: ["mn-not-provisioned"],
    effects: ["dep-managed-network-not-ready"],
  },
  {
    story: "a deployment was refused by a managed network that is ready by now",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        lines: ["WorkspaceManagedNetworkNotReady: the workspace managed network is not ready"],
      }),
    roots: ["dep-managed-network-not-ready"],
  },
  {
    story: "the managed network carries no status, and its rules are active",
    baseline: "managed-network",
    change: (world) => delete managedNetwork(world).status,
    roots: [],
    not: ["mn-not-provisioned"],
  },
  {
    story: "an outbound rule failed",
    baseline: "managed-network",
    change: (world) => setRule(world, "pypi", { status: "Failed" }),
    roots: ["mn-outbound-rule-not-active"],
  },
  {
    story: "an outbound rule is being made",
    baseline: "managed-network",
    change: (world) => setRule(world, "pypi", { status: "Provisioning" }),
    roots: [],
    warns: ["mn-outbound-rule-not-active"],
  },
  {
    story: "the workspace may not make the private endpoint of a rule",
    baseline: "managed-network",
    change: (world) => setRule(world, blobRule, { status: "Failed", errorInformation: permission }),
    roots: ["mn-rbac-pe-permissions"],
    fix: [/role assignment create/],
  },
  {
    story: "a policy denies the private endpoint of a rule",
    baseline: "managed-network",
    change: (world) =>
      setRule(world, blobRule, {
        status: "Failed",
        errorInformation: "RequestDisallowedByPolicy: denied by no-endpoints",
      }),
    roots: ["mn-custom-policy-denies-pe"],
  },
  {
    story: "a rule to the storage account failed that has service endpoint rules as well",
    baseline: "managed-network",
    change(world) {
      setRule(world, blobRule, { status: "Failed" });
      const subnet = resource(world, "/virtualNetworks/vnet-spoke/subnets/snet-compute").id;
      const acls = resource(world, "/storageAccounts/stmlprod").properties.networkAcls as Json;
      acls.virtualNetworkRules = [{ id: subnet, action: "Allow" }];
    },
    roots: ["st-pe-and-service-endpoint"],
    effects: ["mn-outbound-rule-not-active"],
    fix: [/network-rule remove/],
  },
  {
    story: "the managed network's way to the registry is not approved",
    baseline: "managed-network",
    change(world) {
      connectionState(world, "/registries/acrmlprod", registryRule, "Pending");
      setRule(world, registryRule, { status: "Failed" });
    },
    roots: ["mn-outbound-pe-pending"],
    effects: ["mn-outbound-rule-not-active"],
    fix: [/private-endpoint-connection approve/],
  },
  {
    story: "the key vault was closed after the managed network had been built without a rule for it",
    baseline: "managed-network",
    change(world) {
      managedNetwork(world).isolationMode = "AllowInternetOutbound";
      removeRule(world, vaultRule);
    },
    roots: ["mn-provisioned-with-public-access"],
    fix: [/outboundRules/, /"?subresourceTarget"?.*vault/],
  },
  {
    story: "a managed network with internet outbound has a rule for each dependency",
    baseline: "managed-network",
    change: (world) => (managedNetwork(world).isolationMode = "AllowInternetOutbound"),
    roots: [],
    not: ["mn-provisioned-with-public-access"],
  },
  {
    story: "the model calls a host that no rule names",
    baseline: "managed-network",
    change: (world) => modelCalls(world, "api.contoso.example"),
    roots: ["mn-outbound-rule-missing"],
    effects: ["scoring-424-model-error"],
    fix: [/outboundRules/, /api\.contoso\.example/],
  },
  {
    story: "the model calls a host that no rule names, and the deployment fails over it without a step that says so",
    baseline: "managed-network",
    change(world) {
      modelCalls(world, "api.contoso.example");
      set(world, "/deployments/blue", { provisioningState: "Failed" });
    },
    roots: ["mn-outbound-rule-missing"],
    effects: ["dep-provisioning-failed"],
  },
  {
    story: "a rule to the vault is not active, and the vault has no connection of it",
    baseline: "managed-network",
    change(world) {
      setRule(world, "__SYS_PE_kvmlprod_vault", { status: "Inactive" });
      for (const { id, properties } of world.arm.resources as { id: string; properties?: object }[])
        if (
          id.includes("/vaults/kvmlprod/privateEndpointConnections/") &&
          JSON.stringify(properties).includes("__SYS_PE_")
        )
          remove(world, id);
      const vault = resource(world, "/vaults/kvmlprod").properties;
      vault.privateEndpointConnections = (vault.privateEndpointConnections as object[]).filter(
        (one) => !JSON.stringify(one).includes("__SYS_PE_"),
      );
    },
    roots: ["mn-outbound-rule-not-active"],
    fix: [/role assignment create --role 'Azure AI Enterprise Network Connection Approver' .*vaults\/kvmlprod/i],
  },
  {
    story: "the model calls a host that does not answer, and the managed network lets everything out",
    baseline: "managed-network",
    change(world) {
      managedNetwork(world).isolationMode = "AllowInternetOutbound";
      modelCalls(world, "api.contoso.example");
    },
    roots: ["scoring-424-model-error"],
    not: ["mn-outbound-rule-missing"],
  },
  {
    story: "the model calls a database by a rule that carries web traffic alone",
    baseline: "managed-network",
    change(world) {
      addNameRule(world, "database", "sql.contoso.example");
      modelCalls(world, "sql.contoso.example", 1433);
    },
    roots: ["mn-fqdn-rule-missing-or-limited"],
    effects: ["scoring-424-model-error"],
  },
  {
    story: "the model calls an address on premises",
    baseline: "managed-network",
    change: (world) => modelCalls(world, "10.20.0.9", 1433),
    roots: ["mn-onprem-or-nonhttps-target"],
    effects: ["scoring-424-model-error"],
  },
  {
    story: "a container could not start without a host that no rule names",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, { step: "UserContainerStart", lines: [refusedCall("api.contoso.example")] }),
    roots: ["mn-outbound-rule-missing"],
    effects: ["dep-container-startup-failed"],
  },
  {
    story: "the model reads an account whose owner has not approved the rule's private endpoint",
    baseline: "managed-network",
    change(world) {
      connectionState(world, "/storageAccounts/stmlprod", blobRule, "Pending");
      setRule(world, blobRule, { status: "Inactive" });
      modelCalls(world, "stmlprod.blob.core.windows.net");
    },
    roots: ["mn-outbound-pe-pending"],
    effects: ["mn-outbound-rule-not-active", "scoring-424-model-error"],
    not: ["mn-outbound-rule-missing"],
  },
  {
    story: "a container could not start without an account to which the rule failed",
    baseline: "managed-network",
    change(world) {
      setRule(world, blobRule, { status: "Failed" });
      deploymentFails(world, { step: "UserContainerStart", lines: [refusedCall("stmlprod.blob.core.windows.net")] });
    },
    roots: ["mn-outbound-rule-not-active"],
    effects: ["dep-container-startup-failed"],
  },
  {
    story: "the model calls one host that fails, and a rule to another resource waits",
    baseline: "managed-network",
    change(world) {
      managedNetwork(world).isolationMode = "AllowInternetOutbound";
      setRule(world, blobRule, { status: "Failed" });
      modelCalls(world, "api.contoso.example");
    },
    roots: ["mn-outbound-rule-not-active", "scoring-424-model-error"],
  },
  {
    story: "the service's own host, which a required service tag lets out, did not answer",
    baseline: "managed-network",
    change: (world) => modelCalls(world, "eastus2.api.azureml.ms"),
    roots: ["scoring-424-model-error"],
    not: ["mn-outbound-rule-missing"],
  },
  {
    story: "the managed network's way to the registry was rejected, and the rule is the service's own",
    baseline: "managed-network",
    change(world) {
      connectionState(world, "/registries/acrmlprod", registryRule, "Rejected");
      setRule(world, registryRule, { status: "Failed" });
    },
    roots: ["mn-outbound-pe-pending"],
    effects: ["mn-outbound-rule-not-active"],
    fix: [/private-endpoint-connection delete .*"text":"az rest --method post [^"]*provisionManagedNetwork/],
  },
];
