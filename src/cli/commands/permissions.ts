import { smallestRole } from "../../model/built-in-roles.ts";
import { neededActions, type NeededAction } from "../arm-actions.ts";
import { readAzureDefaults } from "../azure-defaults.ts";
import { usageError } from "../errors.ts";
import { readProbes } from "../knowledge.ts";
import { roleDefinition } from "../role-definition.ts";
import { resolveSubscription } from "../target.ts";
import type { Terminal } from "../terminal.ts";

/** Options of `permissions`. */
export interface PermissionsFlags {
  readonly subscription?: string;
  /** ARM scopes; empty: the subscription. */
  readonly scope: readonly string[];
  readonly name: string;
  readonly explain?: boolean;
}

/** Where a role may be assigned: a management group, a subscription, or a resource group. */
const assignable =
  /^\/(?:subscriptions\/[0-9a-f-]{36}(?:\/resourceGroups\/[^/\s]+)?|providers\/Microsoft\.Management\/managementGroups\/[^/\s]+)$/i;

/** `permissions`: what a full diagnosis reads, as a custom role on standard output, and what built-in roles would do as
 * well on standard error; with `--explain`, action by action instead. Throws a usage error when no scope is known. */
export async function printPermissions(flags: PermissionsFlags, terminal: Terminal): Promise<void> {
  const needed = neededActions((await readProbes()).probes);
  if (flags.explain === true) {
    terminal.write(table(needed));
    return;
  }
  const definition = roleDefinition(
    flags.name,
    needed.map(({ action }) => action),
    await scopesOf(flags, terminal),
  );
  terminal.write(`${JSON.stringify(definition, null, 2)}\n`);
  terminal.tell(notes(needed));
}

async function scopesOf(flags: PermissionsFlags, terminal: Terminal): Promise<readonly string[]> {
  const wrong = flags.scope.find((scope) => !assignable.test(scope));
  if (wrong !== undefined)
    throw usageError(
      `"${wrong}" is no scope that a custom role can be assigned at`,
      "It is /subscriptions/ID, /subscriptions/ID/resourceGroups/NAME or /providers/Microsoft.Management/managementGroups/NAME.",
    );
  if (flags.scope.length > 0) return [...new Set(flags.scope)];
  const defaults = await readAzureDefaults(terminal.environment);
  return [`/subscriptions/${resolveSubscription(flags.subscription ?? defaults.subscription, defaults)}`];
}

function table(needed: readonly NeededAction[]): string {
  const width = Math.max(...needed.map(({ action }) => action.length));
  return needed
    .map(({ action, areas }) => `${action.padEnd(width)}  ${smallestRole(action)}  (${areas.join(", ")})\n`)
    .join("");
}

function notes(needed: readonly NeededAction[]): string {
  const byRole = Map.groupBy(needed, ({ action }) => smallestRole(action));
  return [
    "Save it, then: az role definition create --role-definition FILE",
    "Assign it on the resource groups of the workspace, its dependencies, the virtual networks and the private DNS",
    "zones. Without it, the smallest built-in roles are:",
    ...[...byRole].map(
      ([role, all]) =>
        `  ${role}: ${all.length} of these actions${all.length > 3 ? "" : `, ${all.map(({ action }) => action).join(", ")}`}`,
    ),
    "Clusters behind Kubernetes endpoints are read with your kubeconfig; the cluster role `view` is enough there.",
    "With --in-cluster, commands run in the router's pod: that needs create (and, on many servers, get) pods/exec in azureml.",
  ].join("\n");
}
