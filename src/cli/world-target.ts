import type { World } from "../lab/world.ts";
import type { AzureDefaults } from "./azure-defaults.ts";
import type { DiagnoseFlags } from "./flags.ts";

/** A world's target and cloud in the place of az's defaults: nothing of this machine's sign-in counts in a world. */
export function worldDefaults({ target, cloud }: World): AzureDefaults {
  return {
    subscription: target.subscriptionId,
    group: target.resourceGroup,
    workspace: target.workspace,
    cloud,
    subscriptions: [{ id: target.subscriptionId, name: target.subscriptionId }],
  };
}

/** The options, with the world's endpoint and deployment where the options leave them open and still mean that
 * workspace and that endpoint. */
export function withWorldTarget(flags: DiagnoseFlags, { target }: World): DiagnoseFlags {
  const sameWorkspace = (flags.workspace ?? target.workspace) === target.workspace;
  const endpoint = flags.endpoint ?? (sameWorkspace ? target.endpoint : undefined);
  const deployment =
    flags.deployment ?? (sameWorkspace && endpoint === target.endpoint ? target.deployment : undefined);
  return {
    ...flags,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(deployment === undefined ? {} : { deployment }),
  };
}
