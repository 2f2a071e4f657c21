import { apiVersions } from "../model/api-versions.ts";
import { sameId, workspaceId } from "../model/arm-id.ts";
import { describeGap, type Observation } from "../model/observation.ts";
import type { ArmPort, Context } from "../model/ports.ts";
import { quote } from "../model/remediation.ts";
import { inputError, type CliError } from "./errors.ts";

/** ARM, with the answer about the workspace itself kept: whether there is one decides whether a report makes sense. */
export interface WatchedArm {
  readonly arm: ArmPort;
  readonly workspace: Promise<Observation<unknown>>;
}

/** Asks for the workspace at once, and hands the same answer to whoever asks for it later. */
export function watchWorkspace({ arm, target }: Context): WatchedArm {
  const id = workspaceId(target);
  const apiVersion = apiVersions.machineLearning;
  const workspace = arm.get(id, { apiVersion });
  return {
    workspace,
    arm: {
      ...arm,
      get: (asked, options) =>
        sameId(asked, id) && options.apiVersion === apiVersion && options.query === undefined
          ? workspace
          : arm.get(asked, options),
    },
  };
}

/** The error for a workspace that is not there. */
export function noSuchWorkspace({ target, cloud }: Context): CliError {
  return inputError(
    `there is no workspace ${workspaceId(target)} in ${cloud.name}`,
    [
      "A name, the resource group or the subscription is another one, or this identity may not see it. To list the workspaces:",
      `  az resource list --subscription ${quote(target.subscriptionId)} --resource-type Microsoft.MachineLearningServices/workspaces --output table`,
    ].join("\n"),
  );
}

/** What to tell when Azure Resource Manager said nothing of the workspace; undefined when it did, or when only this
 * resource is closed to the identity, which the report tells by itself. */
export function noAnswer(workspace: Observation<unknown>, { cloud }: Context): string | undefined {
  if (workspace.is !== "gap" || (workspace.gap === "denied" && workspace.status === 403)) return undefined;
  const signIn = workspace.gap === "denied" || (workspace.gap === "error" && workspace.code === "sign-in");
  const unreached = workspace.gap === "unreachable" && workspace.during === "sign-in";
  const how = signIn
    ? "Sign in with `az login`, or choose another way with --credential (managed-identity, environment, azure-cli, workload-identity)."
    : unreached
      ? `A managed identity needs the metadata service of an Azure machine (169.254.169.254), every other way ${cloud.authority} over HTTPS. --credential chooses the way.`
      : `This machine must reach ${cloud.resourceManager} and ${cloud.authority} over HTTPS, directly or through the proxy in HTTPS_PROXY.`;
  return `aml-doctor: Azure Resource Manager told nothing of the workspace: ${describeGap(workspace)}\n${how}`;
}
