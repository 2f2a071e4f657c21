import type { World } from "../../src/lab/world.ts";
import { deploymentFails, egress, image } from "./edit-deployment.ts";
import {
  connectionState,
  doors,
  forgetConnection,
  networkGroup,
  principals,
  revoke,
  takeAway,
} from "./edit-dependencies.ts";
import { resource, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const registry = "/registries/acrmlprod";
const workspace = "/workspaces/mlprod";
const subnet = `${networkGroup}/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-compute`;

function pullFails(world: World, why: string, of = image): void {
  deploymentFails(world, { step: "UserContainerImagePull", warning: `Failed to pull container image ${of}: ${why}` });
}

function quarantine(world: World): void {
  const policies = resource(world, registry).properties.policies as Record<string, unknown>;
  set(world, registry, { policies: { ...policies, quarantinePolicy: { status: "enabled" } } });
}

export const registryVariations: readonly Variation[] = [
  {
    story: "the registry has no private endpoint for the clients",
    baseline: "managed-network",
    change: (world) => takeAway(world, doors.registry),
    roots: ["acr-no-private-endpoint"],
    not: ["acr-dns-resolves-public"],
    fix: [/private-endpoint create.*--group-id registry/],
  },
  {
    story: "the registry has no private endpoint for the clients, and is open",
    baseline: "managed-network",
    change(world) {
      takeAway(world, doors.registry);
      set(world, registry, { publicNetworkAccess: "Enabled", networkRuleSet: { defaultAction: "Allow", ipRules: [] } });
    },
    roots: [],
    not: ["acr-no-private-endpoint"],
  },
  {
    story: "a deployment's own way to the registry is pending",
    baseline: "customer-network",
    change(world) {
      connectionState(world, registry, "score1-blue-registry", "Pending");
      pullFails(world, "connect to acrmlprod.azurecr.io:443: i/o timeout");
    },
    roots: ["acr-egress-pe-pending"],
    effects: ["dep-unable-download-image"],
    fix: [/private-endpoint-connection approve/],
  },
  {
    story: "a way to the registry is pending, and the deployment is up",
    baseline: "customer-network",
    change: (world) => connectionState(world, registry, "score1-blue-registry", "Pending"),
    roots: [],
    warns: ["acr-egress-pe-pending"],
  },
  {
    story: "a deployment with public egress pulls from a closed registry",
    baseline: "customer-network",
    change(world) {
      egress(world, "Enabled");
      forgetConnection(world, registry, "score1-blue-registry");
      pullFails(world, "connect to acrmlprod.azurecr.io:443: i/o timeout");
    },
    roots: ["acr-public-disabled-egress-enabled"],
    effects: ["dep-unable-download-image"],
    fix: [/egressPublicNetworkAccess|egress_public_network_access/],
  },
  {
    story: "a deployment with public egress came up although the registry is closed",
    baseline: "customer-network",
    change: (world) => egress(world, "Enabled"),
    roots: [],
    warns: ["acr-public-disabled-egress-enabled", "mn-isolation-disabled-private-deps"],
  },
  {
    story: "the endpoint's identity may not pull",
    baseline: "managed-network",
    change(world) {
      revoke(world, principals.endpoint, registry);
      pullFails(world, "Endpoint identity does not have pull permission on the registry.");
    },
    roots: ["acr-identity-missing-acrpull"],
    effects: ["dep-unable-download-image"],
    fix: [/role assignment create.*AcrPull/],
  },
  {
    story: "the endpoint's identity may not pull, and nothing had to be pulled yet",
    baseline: "managed-network",
    change: (world) => revoke(world, principals.endpoint, registry),
    roots: [],
    warns: ["acr-identity-missing-acrpull"],
  },
  {
    story: "the endpoint's identity may not pull, and no deployment may be read",
    baseline: "managed-network",
    change(world) {
      revoke(world, principals.endpoint, registry);
      world.arm.denied.push({
        action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/read",
        scope: "/",
      });
    },
    roots: [],
    verdict: "inconclusive",
    warns: ["acr-identity-missing-acrpull"],
  },
  {
    story: "the image is not in the registry",
    baseline: "managed-network",
    change: (world) => pullFails(world, "manifest unknown"),
    roots: ["acr-image-missing"],
    effects: ["dep-unable-download-image"],
    fix: [/acr repository/],
  },
  {
    story: "the image lies in a registry of somebody else's",
    baseline: "managed-network",
    change: (world) => pullFails(world, "i/o timeout", "registry.contoso.example/team/churn:12"),
    roots: ["acr-private-third-party-registry"],
    effects: ["dep-unable-download-image"],
  },
  {
    story: "a deployment with secured egress pulls from Microsoft's registry",
    baseline: "customer-network",
    change: (world) => pullFails(world, "i/o timeout", "mcr.microsoft.com/azureml/mlflow:1"),
    roots: ["acr-mcr-blocked"],
    effects: ["dep-unable-download-image"],
  },
  {
    story: "no compute builds images for a closed registry, and a build failed",
    baseline: "managed-network",
    change(world) {
      set(world, workspace, { imageBuildCompute: null });
      const line = "ImageBuildFailure: failed to communicate with the workspace's container registry";
      deploymentFails(world, { lines: [line] });
    },
    roots: ["acr-image-build-compute-missing"],
    effects: ["dep-image-build-failed-private-acr"],
    fix: [/imageBuildCompute|image_build_compute|image-build-compute/],
  },
  {
    story: "no compute builds images for a closed registry, and none was asked for",
    baseline: "managed-network",
    change: (world) => set(world, workspace, { imageBuildCompute: null }),
    roots: [],
    warns: ["acr-image-build-compute-missing"],
  },
  {
    story: "no compute builds images, and the registry is open",
    baseline: "public",
    change: (world) => set(world, workspace, { imageBuildCompute: null }),
    roots: [],
    not: ["acr-image-build-compute-missing"],
  },
  {
    story: "the workspace has no registry yet",
    baseline: "managed-network",
    change(world) {
      takeAway(world, doors.registry);
      world.arm.resources = world.arm.resources.filter(({ id }) => !id.includes("/registries/"));
      set(world, workspace, { containerRegistry: null });
    },
    roots: [],
    warns: ["acr-not-created-yet"],
  },
  {
    story: "a public workspace has no registry yet",
    baseline: "public",
    change(world) {
      world.arm.resources = world.arm.resources.filter(({ id }) => !id.includes("/registries/"));
      set(world, workspace, { containerRegistry: null });
    },
    roots: [],
    not: ["acr-not-created-yet"],
  },
  {
    story: "the registry admits a subnet by service endpoint",
    baseline: "public",
    change: (world) =>
      set(world, registry, {
        networkRuleSet: { defaultAction: "Deny", ipRules: [], virtualNetworkRules: [{ id: subnet, action: "Allow" }] },
      }),
    roots: ["acr-service-endpoint-in-use"],
  },
  {
    story: "the registry admits a subnet by service endpoint beside its private endpoint",
    baseline: "managed-network",
    change(world) {
      const rules = resource(world, registry).properties.networkRuleSet as Record<string, unknown>;
      rules.virtualNetworkRules = [{ id: subnet, action: "Allow" }];
    },
    roots: [],
    not: ["acr-service-endpoint-in-use"],
  },
  {
    story: "the registry holds images back until they are approved, and one cannot be pulled",
    baseline: "managed-network",
    change(world) {
      quarantine(world);
      pullFails(world, "the image is quarantined");
    },
    roots: ["acr-quarantine-enabled"],
    effects: ["dep-unable-download-image"],
  },
  {
    story: "the registry holds images back until they are approved, and says of one that it is not there",
    baseline: "managed-network",
    change(world) {
      quarantine(world);
      pullFails(world, `manifest for ${image} not found: manifest unknown: manifest tagged by "12" is not found`);
    },
    roots: ["acr-quarantine-enabled"],
    effects: ["acr-image-missing"],
  },
  {
    story: "the registry says of an image that it is not there",
    baseline: "managed-network",
    change: (world) =>
      pullFails(world, `manifest for ${image} not found: manifest unknown: manifest tagged by "12" is not found`),
    roots: ["acr-image-missing"],
    not: ["acr-quarantine-enabled"],
  },
  {
    story: "the registry holds images back until they are approved, and all is up",
    baseline: "managed-network",
    change: quarantine,
    roots: [],
    warns: ["acr-quarantine-enabled"],
  },
  {
    story: "the registry's tier has no private endpoints",
    baseline: "managed-network",
    change: (world) => Object.assign(resource(world, registry), { sku: { name: "Standard", tier: "Standard" } }),
    roots: ["acr-sku-not-premium"],
    fix: [/--sku Premium/],
  },
  {
    story: "a public workspace's registry is a small one",
    baseline: "public",
    change: (world) => Object.assign(resource(world, registry), { sku: { name: "Basic", tier: "Basic" } }),
    roots: [],
    not: ["acr-sku-not-premium"],
  },
  {
    story: "the registry keeps trusted services out",
    baseline: "managed-network",
    change: (world) => set(world, registry, { networkRuleBypassOptions: "None" }),
    roots: ["acr-trusted-services-off"],
    fix: [/allow-trusted-services/],
  },
  {
    story: "an open registry keeps trusted services out, who come in as everybody does",
    baseline: "public",
    change: (world) => set(world, registry, { networkRuleBypassOptions: "None" }),
    roots: [],
    not: ["acr-trusted-services-off"],
  },
  {
    story: "secured egress keeps the deployment from the Microsoft registry, and the log tells of the connection",
    baseline: "customer-network",
    change: (world) =>
      deploymentFails(world, {
        step: "UserContainerImagePull",
        warning:
          "Failed to pull container image mcr.microsoft.com/azureml/mlflow:1: connect to mcr.microsoft.com:443: i/o timeout",
      }),
    roots: ["acr-mcr-blocked"],
    effects: ["dep-unable-download-image", "dep-egress-disabled-foreign-target"],
  },
  {
    story: "the image lies in a partner's registry, to which the managed network has no rule",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        step: "UserContainerImagePull",
        warning:
          "Failed to pull container image partner.azurecr.io/a/b:3: connect to partner.azurecr.io:443: i/o timeout",
      }),
    roots: ["mn-outbound-rule-missing"],
    effects: ["dep-unable-download-image", "acr-private-third-party-registry"],
    fix: [/private endpoint/],
  },
  {
    story: "the private endpoint that a deployment brought was rejected",
    baseline: "customer-network",
    change(world) {
      connectionState(world, "/registries/acrmlprod", "score1-blue-registry", "Rejected");
      deploymentFails(world, { step: "UserContainerImagePull" });
    },
    roots: ["acr-egress-pe-pending"],
    effects: ["dep-unable-download-image"],
    fix: [/^(?!.*tags\.retried).*--method put [^"]*blue-secured/],
  },
];
