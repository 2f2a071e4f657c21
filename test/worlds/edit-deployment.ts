import type { World } from "../../src/lab/world.ts";
import { set } from "./edit.ts";

const steps = ["SystemSetup", "UserContainerImagePull", "ModelDownload", "UserContainerStart"] as const;
type Step = (typeof steps)[number];

/** The log of a deployment that stopped at `step`; a deployment that stopped at none has all its steps behind it. */
function logText(step: Step | undefined, warning: string | undefined, lines: readonly string[]): string {
  const stopped = step === undefined ? steps.length : steps.indexOf(step);
  return [
    "Instance status:",
    ...steps.map(
      (each, index) => `${each}: ${index < stopped ? "Succeeded" : index === stopped ? "Failed" : "Pending"}`,
    ),
    "",
    "Container events:",
    ...(warning === undefined
      ? []
      : [`Kind: Pod, Name: Failed, Type: Warning, Time: 2026-09-18T06:36:44.518810Z, Message: ${warning}`]),
    "",
    "Container logs:",
    ...lines,
    "",
  ].join("\n");
}

function setLog(world: World, content: string): void {
  for (const action of world.arm.actions) if (action.path.endsWith("/getLogs")) action.body = { content };
}

/** The deployment did not come up. `step` is the status line that failed, `warning` an event, `lines` the container's log. */
export function deploymentFails(
  world: World,
  said: { step?: Step; warning?: string; lines?: readonly string[]; state?: "Failed" | "Canceled" },
): void {
  set(world, "/deployments/blue", { provisioningState: said.state ?? "Failed" });
  setLog(world, logText(said.step, said.warning, said.lines ?? []));
}

/** The deployment is up, and its container wrote these lines after `init()` had completed. */
export function containerSays(world: World, lines: readonly string[]): void {
  const ready = "2026-09-18 06:32:14,311 I [124] azmlinfsrv.user_script - Users's init has completed successfully";
  setLog(world, logText(undefined, undefined, [ready, ...lines]));
}

/** A line in which a container tells that it could not connect. */
export function refusedCall(host: string, port = 443): string {
  return `requests.exceptions.ConnectionError: HTTPSConnectionPool(host='${host}', port=${port}): Max retries exceeded with url: / (Caused by ConnectTimeoutError('Connection to ${host} timed out. (connect timeout=10)'))`;
}

/** Lets the deployment send its traffic out through private endpoints of its own, or not. */
export function egress(world: World, access: "Enabled" | "Disabled"): void {
  set(world, "/deployments/blue", { egressPublicNetworkAccess: access });
}

/** The image that the baselines' deployment runs. */
export const image = "acrmlprod.azurecr.io/azureml/azureml_churn:12";
