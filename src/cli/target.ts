import { clouds, type Cloud, type CloudName } from "../model/cloud.ts";
import type { Target } from "../model/ports.ts";
import type { AzureDefaults } from "./azure-defaults.ts";
import { azCloudName } from "./detect-cloud.ts";
import { usageError } from "./errors.ts";
import type { DiagnoseFlags } from "./flags.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Nothing that could leave its place in a resource id or a URL. Azure's own rules are narrower and change. */
const segment = /^[\p{L}\p{N}_.()-]{1,260}$/u;

/** What is diagnosed: the options, then the defaults. Throws a usage error that says what is missing and how to give it. */
export function resolveTarget(flags: DiagnoseFlags, defaults: AzureDefaults): Target {
  const subscriptionId = resolveSubscription(flags.subscription ?? defaults.subscription, defaults);
  const resourceGroup = name(
    "resource group",
    "--group NAME (or `az config set defaults.group=NAME`)",
    flags.group ?? defaults.group,
  );
  const workspace = name(
    "workspace",
    "--workspace NAME (or `az config set defaults.workspace=NAME`)",
    flags.workspace ?? defaults.workspace,
  );
  const endpoint = flags.endpoint === undefined ? undefined : name("endpoint", "--endpoint NAME", flags.endpoint);
  const deployment =
    flags.deployment === undefined ? undefined : name("deployment", "--deployment NAME", flags.deployment);
  if (deployment !== undefined && endpoint === undefined) {
    throw usageError(
      "--deployment names a deployment of an endpoint, and no endpoint is given",
      "Give it with --endpoint NAME.",
    );
  }
  return {
    subscriptionId,
    resourceGroup,
    workspace,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(deployment === undefined ? {} : { deployment }),
  };
}

/** The cloud: the option, then the default, then the public one. */
export function resolveCloud(
  flags: Pick<DiagnoseFlags, "cloud">,
  defaults: { readonly cloud?: string | undefined },
): Cloud {
  const asked = azCloudName(flags.cloud ?? defaults.cloud ?? "AzureCloud");
  const known = (Object.keys(clouds) as CloudName[]).find((cloud) => cloud.toLowerCase() === asked.toLowerCase());
  if (known === undefined) {
    throw usageError(
      `the cloud "${asked}", which az is set to, is not known here`,
      `Give one with --cloud: ${Object.keys(clouds).join(", ")}.`,
    );
  }
  return clouds[known];
}

/** The id of a subscription that is given by id, or by a name that az knows. Throws a usage error. */
export function resolveSubscription(
  asked: string | undefined,
  { subscriptions }: Pick<AzureDefaults, "subscriptions">,
): string {
  if (asked === undefined) {
    throw usageError(
      "no subscription is given",
      "Give it with --subscription ID, set AZURE_SUBSCRIPTION_ID, or choose one with `az account set`.",
    );
  }
  if (guid.test(asked)) return asked;
  const named = subscriptions.filter((subscription) => subscription.name.toLowerCase() === asked.toLowerCase());
  const [only] = named;
  if (only !== undefined && named.length === 1) return only.id;
  throw usageError(
    `"${asked}" is no subscription id, and ${named.length === 0 ? "no" : "more than one"} subscription of that name is known to az here`,
    "`az account list --output table` shows the ids.",
  );
}

function name(what: string, how: string, given: string | undefined): string {
  if (given === undefined) throw usageError(`no ${what} is given`, `Give it with ${how}.`);
  if (!segment.test(given) || /^\.+$/.test(given))
    throw usageError(`"${given}" cannot be the name of a ${what}`, "Give the plain name, not an id or a URL.");
  return given;
}
