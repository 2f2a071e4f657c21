import type { Answer } from "./answer.ts";
import { resourceGroupOf, resourceGroupType, subscriptionOf, subscriptionType, type ArmPath } from "./arm-path.ts";
import type { Estate } from "./estate.ts";
import type { World } from "./world.ts";

/** ARM's own error answers, as its gateway words them. */
export function gatewayError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { "x-ms-failure-cause": "gateway", ...headers }, body: { error: { code, message } } };
}

/** 403 of an identity that may not do this, whether or not the thing exists. */
export function authorizationFailed(identity: World["identity"], action: string, scope: string): Answer {
  return gatewayError(
    403,
    "AuthorizationFailed",
    `The client '${identity.clientId}' with object id '${identity.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** 404 in the form that fits what is missing: the outermost missing thing speaks. */
export function notFound(estate: Estate, path: ArmPath, written: readonly string[]): Answer {
  const subscription = subscriptionOf(path.id);
  if (subscription !== undefined && !estate.exists(subscription)) {
    return gatewayError(404, "SubscriptionNotFound", `The subscription '${written[1] ?? ""}' could not be found.`);
  }
  const group = resourceGroupOf(path.id);
  if (group !== undefined && !estate.exists(group))
    return gatewayError(404, "ResourceGroupNotFound", `Resource group '${written[3] ?? ""}' could not be found.`);
  if (isResourceId(path.scope) && !estate.exists(path.scope)) {
    const parent = path.scope.slice(path.scope.lastIndexOf("/") + 1);
    return gatewayError(
      404,
      "ParentResourceNotFound",
      `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`,
    );
  }
  const name = written.at(-1) ?? "";
  if (isResourceId(path.scope)) return childNotFound(path, name);
  return gatewayError(
    404,
    "ResourceNotFound",
    `The Resource '${path.typeText}/${name}' under resource group '${written[3] ?? ""}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** A missing child is told by its provider, and each provider has a form of its own. */
function childNotFound(path: ArmPath, name: string): Answer {
  const headers = { "x-ms-failure-cause": "service" };
  if (path.type.startsWith("microsoft.machinelearningservices/")) {
    const message = `${path.typeText.split("/").at(-1) ?? ""} ${name} not found`;
    return {
      status: 404,
      headers,
      body: {
        error: {
          code: "UserError",
          message,
          details: [],
          innerError: { code: "NotFound", innerError: null },
          debugInfo: null,
        },
      },
    };
  }
  if (path.type.startsWith("microsoft.network/privatednszones/"))
    return { status: 404, headers, body: { code: "NotFound", message: `The resource '${name}' does not exist.` } };
  return {
    status: 404,
    headers,
    body: { error: { code: "NotFound", message: `Resource ${path.id} not found.`, details: [] } },
  };
}

function isResourceId(id: string): boolean {
  return id.includes("/providers/");
}

/** Whether a list at this path can be answered: what it stands in exists. */
export function holderExists(estate: Estate, path: ArmPath): boolean {
  if (path.type === subscriptionType || !path.scope.startsWith("/subscriptions/")) return true;
  // Assignments may stand on things that ARM itself does not know, such as a container of a storage account.
  // Locations of a provider are places, not resources: `…/locations/eastus2/usages`.
  const isLoose =
    path.type === resourceGroupType ||
    path.type.startsWith("microsoft.authorization/") ||
    path.type === "microsoft.insights/eventtypes/values" ||
    path.type.includes("/locations/");
  const holders = [subscriptionOf(path.scope), resourceGroupOf(path.scope), isLoose ? undefined : path.scope];
  return holders.every((holder) => holder === undefined || estate.exists(holder));
}
