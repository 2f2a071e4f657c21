import { describe, expect, it } from "vitest";
import containerStart from "../../../probes/deployment/container-start.ts";
import egress from "../../../probes/deployment/egress.ts";
import imageBuild from "../../../probes/deployment/image-build.ts";
import imagePull from "../../../probes/deployment/image-pull.ts";
import managedNetwork from "../../../probes/deployment/managed-network.ts";
import modelDownload from "../../../probes/deployment/model-download.ts";
import provisioning from "../../../probes/deployment/provisioning.ts";
import secrets from "../../../probes/deployment/secrets.ts";
import quota from "../../../probes/endpoint/quota-and-policy.ts";
import type { DeploymentFailure } from "../../../src/facts/deployment-failures.ts";
import { judgeWith } from "../judge.ts";

const workspaceId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w";
const endpointId = `${workspaceId}/onlineEndpoints/e`;
const deploymentId = `${endpointId}/deployments/blue`;
const registryId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr";
const all = [
  containerStart,
  egress,
  imageBuild,
  imagePull,
  managedNetwork,
  modelDownload,
  provisioning,
  secrets,
  quota,
];

function facts(failure: Partial<DeploymentFailure> & Pick<DeploymentFailure, "stage">): Record<string, unknown> {
  const words = failure.words ?? ["the service's words"];
  return {
    workspace: { id: workspaceId, properties: {} },
    endpoints: [
      {
        endpoint: { id: endpointId, name: "e", location: "westeurope", properties: {} },
        deployments: {
          is: "value",
          value: [{ id: deploymentId, name: "blue", properties: { provisioningState: "Failed" } }],
        },
      },
    ],
    failures: [
      {
        endpointId,
        deploymentId,
        name: "blue",
        provisioningState: "Failed",
        kubernetes: false,
        log: { is: "absent" },
        ...failure,
        words,
      },
    ],
    registry: {
      is: "value",
      value: {
        id: registryId,
        name: "acr",
        properties: { loginServer: "acr.azurecr.io", publicNetworkAccess: "Disabled" },
      },
    },
    accounts: { is: "absent" },
    keyVault: { is: "absent" },
    logs: { is: "absent" },
    linked: { is: "absent" },
  };
}

const reasonsOf = (given: Record<string, unknown>): string[] =>
  all.flatMap((probe) =>
    judgeWith(probe, given).flatMap((verdict) => (verdict.is === "found" ? [verdict.reason] : [])),
  );

describe("a failed deployment", () => {
  it.each([
    ["image-pull", "dep-unable-download-image"],
    ["model-download", "dep-unable-download-model"],
    ["image-build", "dep-image-build-failed-private-acr"],
    ["container-start", "dep-container-startup-failed"],
    ["secrets", "dep-secrets-injection-failed"],
    ["managed-network", "dep-managed-network-not-ready"],
    ["service", "dep-internal-server-error"],
    ["cancelled", "dep-update-conflict-or-cancelled"],
    ["egress-flag", "dep-egress-flag-with-managed-vnet"],
    ["mlflow", "dep-mlflow-nocode-with-legacy-egress"],
    ["quota", "oe-policy-or-quota-blocked"],
    ["policy", "oe-policy-or-quota-blocked"],
    ["unstated", "dep-provisioning-failed"],
  ] as const)("that stopped at %s is one finding, %s", (stage, reason) => {
    expect(reasonsOf(facts({ stage }))).toEqual([reason]);
  });

  it.each([
    ["the build exceeded its time limit", "dep-image-build-timeout"],
    ["maximum execution time exceeded", "dep-image-build-timeout"],
    ["write /layer.tar: disk quota exceeded", "dep-image-build-failed-private-acr"],
    ["toomanyrequests: pull rate limit exceeded", "dep-image-build-failed-private-acr"],
  ])("whose build said %s", (words, reason) => {
    expect(reasonsOf(facts({ stage: "image-build", words: [words] }))).toEqual([reason]);
  });

  it("whose log may not be read is said to be failed, and the log to be unread", () => {
    const log = {
      is: "gap" as const,
      at: "POST x/getLogs",
      gap: "denied" as const,
      status: 403 as const,
      action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action",
    };
    const said = judgeWith(provisioning, facts({ stage: "unstated", words: [], log }));
    expect(said.map((verdict) => (verdict.is === "unknown" ? verdict.permission : verdict.is))).toEqual([
      "found",
      log.action,
    ]);
  });

  it("names the registry whose image it could not pull, and no other", () => {
    const about = (words: string[]): readonly string[] =>
      judgeWith(imagePull, facts({ stage: "image-pull", words })).flatMap((verdict) =>
        verdict.is === "found" ? verdict.about : [],
      );
    expect(about(["Failed to pull container image acr.azurecr.io/a/b:1: i/o timeout"])).toContain(registryId);
    expect(about(["Failed to pull container image other.azurecr.io/a/b:1: i/o timeout"])).not.toContain(registryId);
  });
});
