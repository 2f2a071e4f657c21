import { describe, expect, it } from "vitest";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline, type Baseline } from "./edit.ts";
import { deploymentFails } from "./edit-deployment.ts";

type Said = Parameters<typeof deploymentFails>[1];

/** Every way in which the service tells where a deployment stopped, and none at all. */
const ends: readonly (readonly [string, Said])[] = [
  ["without a word", {}],
  ["before its first step", { step: "SystemSetup" }],
  ["at its image", { step: "UserContainerImagePull" }],
  ["at its model", { step: "ModelDownload" }],
  ["at its start", { step: "UserContainerStart" }],
  ...[
    "OutOfQuota: not enough quota",
    "RequestDisallowedByPolicy: denied by a policy",
    "WorkspaceManagedNetworkNotReady: not ready",
    "SecretsInjectionError: the secret could not be read",
    "ImageBuildFailure: the recipe is wrong",
    "ImageBuildFailure: the build exceeded its time limit",
    "BadArgument: egressPublicNetworkAccess cannot be changed for an existing deployment",
    "BadArgument: MLflow model format with private network is unsupported",
    "BadArgument: Authorization error",
    "AuthorizationFailed: no right to do so",
    "OperationCanceled: another operation took over",
    "InternalServerError: An internal error occurred",
    "ResourceNotReady: the container is not ready",
    "UserScriptException: no such module",
    "ResourceNotFound: no such thing",
  ].map((line) => [line, { lines: [line] }] as const),
];

async function look(name: Baseline, change: (world: World) => void) {
  const world = baseline(name);
  change(world);
  return diagnoseWorld(world, { waits: { armMs: 10_000, dnsMs: 500, connectMs: 700, kubernetesMs: 3000 } });
}

/** A deployment in state Failed serves nobody, whatever the reason: no such estate is healthy. */
describe("an estate with a failed deployment is not healthy", () => {
  it.each(ends)("stopped %s, on Microsoft's machines", { timeout: 60_000 }, async (_, said) => {
    const report = await look("managed-network", (world) => deploymentFails(world, said));
    expect(report.verdict, summary(report)).toBe("unhealthy");
  });

  it.each(ends)("stopped %s, on a cluster whose pods are well by now", { timeout: 60_000 }, async (_, said) => {
    const report = await look("kubernetes", (world) => deploymentFails(world, said));
    expect(report.verdict, summary(report)).toBe("unhealthy");
  });

  it("whose log may not be read", { timeout: 60_000 }, async () => {
    const report = await look("managed-network", (world) => {
      deploymentFails(world, {});
      const action = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action";
      world.arm.denied.push({ action, scope: `/subscriptions/${world.target.subscriptionId}` });
    });
    expect(report.verdict, summary(report)).toBe("unhealthy");
    expect(report.unknowns.map(({ permission }) => permission)).toContain(
      "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action",
    );
  });
});
