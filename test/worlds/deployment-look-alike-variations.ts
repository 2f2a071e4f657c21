import { containerSays, deploymentFails } from "./edit-deployment.ts";
import { answer, scoreRequest as score } from "./edit-scoring.ts";
import { set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const scoringUri = "/onlineEndpoints/score1";

/** Deployments that look as if they had a fault that they do not have, and answers that only resemble the service's. */
export const deploymentLookAlikeVariations: readonly Variation[] = [
  {
    story: "the model's own code tells of errors that are called as the service's are",
    baseline: "managed-network",
    change: (world) =>
      containerSays(world, [
        "WARNING upstream answered InternalServerError: An internal error occurred",
        "WARNING upstream answered RequestDisallowedByPolicy: Resource 'x' was disallowed by policy.",
        "WARNING upstream answered OutOfQuota: Not enough quota is available",
        "WARNING upstream answered SecretsInjectionError: the secret 'db' could not be read",
        "WARNING upstream answered WorkspaceManagedNetworkNotReady: not yet",
        "WARNING upstream answered ImageBuildFailure: the build exceeded its time limit",
      ]),
    roots: [],
    not: [
      "dep-internal-server-error",
      "oe-policy-or-quota-blocked",
      "dep-secrets-injection-failed",
      "dep-managed-network-not-ready",
      "dep-image-build-failed-private-acr",
      "dep-image-build-timeout",
    ],
  },
  {
    story: "a deployment was refused for an argument that has nothing to do with networks",
    baseline: "customer-network",
    change: (world) => deploymentFails(world, { lines: ["BadArgument: instance_count has to be a positive number"] }),
    roots: ["dep-provisioning-failed"],
    not: ["dep-egress-flag-immutable", "dep-egress-flag-with-managed-vnet", "dep-mlflow-nocode-with-legacy-egress"],
  },
  {
    story: "an image build could not connect in time, which is no build that took too long",
    baseline: "managed-network",
    change: (world) =>
      deploymentFails(world, {
        lines: ["ImageBuildFailure: failed to connect to the container registry: connection timed out"],
      }),
    roots: ["dep-image-build-failed-private-acr"],
    not: ["dep-image-build-timeout", "st-key-desync"],
  },
  {
    story: "a deployment is being updated",
    baseline: "managed-network",
    change: (world) => set(world, "/deployments/blue", { provisioningState: "Updating" }),
    roots: [],
    not: ["dep-update-conflict-or-cancelled", "dep-provisioning-failed"],
  },
  {
    story: "the endpoint and its deployment were asked for in other letters",
    baseline: "managed-network",
    change: (world) => Object.assign(world.target, { endpoint: "Score1", deployment: "BLUE" }),
    roots: [],
    not: ["infdns-model-endpoint-name-mismatch", "scoring-wrong-deployment-header", "oe-create-failed"],
  },
  ...[
    { status: "408", not: ["scoring-408-request-timeout"] },
    { status: "429", not: ["scoring-429-throttled"] },
    { status: "403", not: ["scoring-403-forbidden", "scoring-selected-ips-enforced"] },
    { status: "404", not: ["scoring-404-no-positive-weight"] },
    { status: "503", not: ["scoring-500-502-503-504"] },
  ].map(({ status, not }): Variation => ({
    story: `the model itself answers ${status}`,
    baseline: "customer-network",
    change: (world) =>
      answer(world, "scoring", 424, {
        "ms-azureml-model-error-statuscode": status,
        "azureml-model-deployment": "blue",
      }),
    score,
    roots: ["scoring-424-model-error"],
    not,
  })),
  {
    story: "the answers tell that nothing slows them down",
    baseline: "customer-network",
    change: (world) => answer(world, "scoring", 200, { "ms-azureml-bandwidth-request-delay-ms": "0" }),
    score,
    roots: [],
    not: ["scoring-bandwidth-throttled"],
  },
  {
    story: "the model refuses requests that are not in its form",
    baseline: "customer-network",
    change: (world) =>
      containerSays(world, [
        '2026-09-18 07:05:51,091 I [124] gunicorn.access - 127.0.0.1 - - "POST /score HTTP/1.0" 400 12 "-"',
        '2026-09-18 07:05:59,091 I [124] gunicorn.access - 127.0.0.1 - - "POST /score HTTP/1.0" 400 12 "-"',
      ]),
    roots: [],
    not: ["scoring-424-model-error"],
  },
  {
    story: "an open endpoint of a public workspace refuses whoever has no key",
    baseline: "public",
    change: (world) => set(world, scoringUri, { publicNetworkAccess: "Enabled" }),
    roots: [],
    not: ["oe-pna-enabled-blocked-by-policy-or-ips", "oe-pna-disabled-no-private-path"],
  },
];
