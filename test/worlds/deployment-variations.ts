import type { World } from "../../src/lab/world.ts";
import { connectionState } from "./edit-dependencies.ts";
import { containerSays, deploymentFails, egress, image, refusedCall } from "./edit-deployment.ts";
import { remove, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

/** The service wrote this line and stopped. */
function says(line: string): (world: World) => void {
  return (world) => deploymentFails(world, { lines: [line] });
}

export const deploymentVariations: readonly Variation[] = [
  {
    story: "the container of a deployment does not start",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        step: "UserContainerStart",
        lines: ["UserScriptException: score.py: no module named churn"],
      }),
    roots: ["dep-container-startup-failed"],
    not: ["dep-unable-download-image", "dep-unable-download-model"],
    fix: [/get-?logs/i],
  },
  {
    story: "the image cannot be pulled, and nothing says why",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        step: "UserContainerImagePull",
        warning: `Failed to pull container image ${image}: i/o timeout`,
      }),
    roots: ["dep-unable-download-image"],
    not: ["acr-image-missing", "acr-private-third-party-registry", "acr-mcr-blocked"],
  },
  {
    story: "an image of Microsoft's registry cannot be pulled in a managed network, which lets it in",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        step: "UserContainerImagePull",
        warning: "Failed to pull container image mcr.microsoft.com/azureml/mlflow:1: i/o timeout",
      }),
    roots: ["dep-unable-download-image"],
    not: ["acr-mcr-blocked"],
  },
  {
    story: "the model cannot be downloaded, and nothing says why",
    baseline: "managed-network",
    change: (world) => deploymentFails(world, { step: "ModelDownload", warning: "Failed to download model churn:7" }),
    roots: ["dep-unable-download-model"],
    not: ["st-model-in-foreign-storage", "dep-identity-missing-roles", "dep-container-startup-failed"],
  },
  {
    story: "a deployment failed before its first step was done, and nothing says why",
    baseline: "managed-network",
    change: (world) => deploymentFails(world, { step: "SystemSetup" }),
    roots: ["dep-provisioning-failed"],
    not: ["dep-update-conflict-or-cancelled"],
  },
  {
    story: "the service itself failed",
    baseline: "managed-network",
    change: says("InternalServerError: An internal error occurred"),
    roots: ["dep-internal-server-error"],
  },
  {
    story: "a deployment was cancelled",
    baseline: "managed-network",
    change: (world) => deploymentFails(world, { state: "Canceled" }),
    roots: [],
    warns: ["dep-update-conflict-or-cancelled"],
  },
  {
    story: "a deployment failed because another operation called its own off",
    baseline: "managed-network",
    change: says("OperationCanceled: The operation was canceled by another operation"),
    roots: ["dep-update-conflict-or-cancelled"],
    fix: [/resource update/],
  },
  {
    story: "the secrets of a deployment could not be read",
    baseline: "managed-network",
    change: says("SecretsInjectionError: the secret 'db' could not be read"),
    roots: ["dep-secrets-injection-failed"],
  },
  {
    story: "the secrets of a deployment could not be read from a vault that keeps the service out",
    baseline: "managed-network",
    change(world) {
      says("SecretsInjectionError: the secret 'db' could not be read")(world);
      set(world, "/vaults/kvmlprod", { networkAcls: { bypass: "None", defaultAction: "Deny" } });
    },
    roots: ["kv-bypass-not-azureservices"],
    effects: ["dep-secrets-injection-failed"],
  },
  {
    story: "an image build failed with all in place to build it",
    baseline: "managed-network",
    change: says("ImageBuildFailure: failed to communicate with the workspace's container registry"),
    roots: ["dep-image-build-failed-private-acr"],
    not: ["st-key-desync", "dep-image-build-timeout"],
  },
  {
    story: "an image build took too long",
    baseline: "managed-network",
    change: says("ImageBuildFailure: the build exceeded its time limit"),
    roots: ["dep-image-build-timeout"],
    not: ["dep-image-build-failed-private-acr"],
  },
  {
    story: "a deployment of a managed network asks for egress of its own",
    baseline: "managed-network",
    change: says(
      "The EgressPublicNetworkAccess under online deployment is no longer supported when your workspace is secured with managed virtual network.",
    ),
    roots: ["dep-egress-flag-with-managed-vnet"],
  },
  {
    story: "the egress of a deployment was changed after it had been made",
    baseline: "customer-network",
    change: says("BadArgument: egressPublicNetworkAccess cannot be changed for an existing deployment"),
    roots: ["dep-egress-flag-immutable"],
  },
  {
    story: "an MLflow model without an environment is deployed with secured egress",
    baseline: "customer-network",
    change: says("BadArgument: MLflow model format with private network is unsupported"),
    roots: ["dep-mlflow-nocode-with-legacy-egress"],
  },
  {
    story: "a deployment with secured egress calls a host on the internet",
    baseline: "customer-network",
    change: (world) =>
      deploymentFails(world, { step: "UserContainerStart", lines: [refusedCall("api.contoso.example")] }),
    roots: ["dep-egress-disabled-foreign-target"],
    effects: ["dep-container-startup-failed"],
  },
  {
    story: "a deployment with secured egress calls an address of the customer's network",
    baseline: "customer-network",
    change: (world) => containerSays(world, [refusedCall("10.1.2.9", 1433)]),
    roots: ["dep-deployment-vnet-no-peering"],
  },
  {
    story: "a deployment with public egress calls a host that does not answer",
    baseline: "public",
    change(world) {
      egress(world, "Enabled");
      containerSays(world, [refusedCall("api.contoso.example")]);
    },
    roots: [],
    not: [
      "dep-egress-disabled-foreign-target",
      "dep-deployment-vnet-no-peering",
      "mn-outbound-rule-missing",
      "mn-isolation-disabled-private-deps",
    ],
  },
  {
    story: "there is no quota for the machines",
    baseline: "managed-network",
    change: says(
      "OutOfQuota: Not enough quota is available for Standard_DS3_v2 in eastus2: 8 cores requested, 4 available.",
    ),
    roots: ["oe-policy-or-quota-blocked"],
    fix: [/usage|quota/i],
  },
  {
    story: "a policy denies the deployment",
    baseline: "managed-network",
    change: says("RequestDisallowedByPolicy: Resource 'blue' was disallowed by policy."),
    roots: ["oe-policy-or-quota-blocked"],
    fix: [/policy/i],
  },
  {
    story: "a deployment failed for want of quota, and the traffic goes nowhere",
    baseline: "managed-network",
    change(world) {
      says("OutOfQuota: Not enough quota is available for Standard_DS3_v2 in eastus2")(world);
      set(world, "/onlineEndpoints/score1", { traffic: {} });
    },
    roots: ["oe-policy-or-quota-blocked"],
    effects: ["oe-traffic-unassigned"],
  },
  {
    story: "an image build failed, as the service says in a sentence, and its compute is not there",
    baseline: "managed-network",
    change(world) {
      remove(world, "/computes/build-cluster");
      says("Image build failed for environment churn-env:12. The image build compute of the workspace is not valid.")(
        world,
      );
    },
    roots: ["acr-image-build-compute-missing"],
    effects: ["dep-image-build-failed-private-acr"],
  },
  {
    story: "a deployment was cancelled before its container had started",
    baseline: "managed-network",
    change: (world) => deploymentFails(world, { state: "Canceled", step: "SystemSetup" }),
    roots: ["dep-update-conflict-or-cancelled"],
  },
  {
    story: "the endpoint may not read the secret of the vault that its deployment refers to",
    baseline: "managed-network",
    change: says(
      "SecretsInjectionError: Failed to resolve keyvault:https://kvmlprod.vault.azure.net/secrets/db. (InnerCode: ForbiddenByRbac)",
    ),
    roots: ["dep-secrets-injection-failed"],
    fix: [/Key Vault Secrets User' [^"]*vaults\/kvmlprod/],
  },
  ...(["Pending", "Rejected"] as const).map((state): Variation => ({
    story: `a deployment failed whose own way to the workspace is ${state}`,
    baseline: "customer-network",
    change(world) {
      connectionState(world, "/workspaces/mlprod", "score1-blue-amlworkspace", state);
      deploymentFails(world, { step: "SystemSetup" });
    },
    roots: ["pe-connection-not-approved"],
    effects: ["dep-provisioning-failed"],
    not: ["ws-no-private-endpoint"],
    fix: [state === "Pending" ? /private-endpoint-connection approve/ : /^(?!.*tags\.retried).*blue-secured/],
  })),
  {
    story: "a deployment works, and a connection of one that is gone waits on the workspace",
    baseline: "customer-network",
    change: (world) => connectionState(world, "/workspaces/mlprod", "score1-blue-amlworkspace", "Pending"),
    roots: [],
    warns: ["pe-connection-not-approved"],
  },
];
