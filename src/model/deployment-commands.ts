import { apiVersions } from "./api-versions.ts";
import { sameText } from "./text.ts";
import { az, azRest, type Command, type Remediation } from "./remediation.ts";

/** Shows a deployment's log without the `ml` extension. */
export function showLogs(
  deploymentId: string,
  containerType: "InferenceServer" | "StorageInitializer" = "InferenceServer",
): Command {
  return azRest("post", `${deploymentId}/getLogs`, apiVersions.machineLearning, { containerType, tail: 500 });
}

/** Shows the state of a resource of the workspace (an endpoint, a deployment), as one line to run. */
export function showState(id: string): string {
  return `${azRest("get", id, apiVersions.machineLearning).text} --query properties.provisioningState`;
}

/** Shows what of its quota of cores a subscription uses in a region. */
export function showUsages(subscription: string, location: string): Command {
  return azRest(
    "get",
    `/subscriptions/${subscription}/providers/Microsoft.MachineLearningServices/locations/${location.toLowerCase().replaceAll(" ", "")}/usages`,
    apiVersions.machineLearning,
  );
}

/** Sends an endpoint's or deployment's definition again with a tag, which starts a new attempt and changes nothing else. */
export function tryAgain(id: string): Command {
  return az("resource", "update", "--ids", id, "--api-version", apiVersions.machineLearning, "--set", "tags.retried=1");
}

/** Starting an endpoint or a deployment again once the cause of its failure is mended. */
export function startAgain(id: string, docs: string): Remediation {
  const [what, alternative] = /\/deployments\/[^/]+$/i.test(id)
    ? ["deployment", "az ml online-deployment update --file"]
    : ["endpoint", "az ml online-endpoint update --file"];
  return {
    summary: `Then start the failed ${what} again: it does not by itself`,
    commands: [tryAgain(id)],
    warning: `The command sends the ${what}'s own definition once more and adds a tag. Sending the YAML that it was made of does the same (${alternative}).`,
    verify: [showState(id)],
    docs,
  };
}

/** The id of the deployment that `copyWithSecuredEgress` makes. */
export function securedCopy(deploymentId: string): string {
  return `${deploymentId}-secured`;
}

/** Makes a second deployment beside this one with the egress flag, which cannot be changed, set to Disabled: writes the
 * definition with the flag changed to deployment.json, and creates from that. */
export function copyWithSecuredEgress(deploymentId: string): Command[] {
  const changed = az(
    "rest",
    "--method",
    "get",
    "--url",
    `${deploymentId}?api-version=${apiVersions.machineLearning}`,
    "--query",
    '{location:location,sku:sku,properties:merge(properties,`{"egressPublicNetworkAccess":"Disabled"}`)}',
  );
  return [
    { ...changed, text: `${changed.text} > deployment.json` },
    az(
      "rest",
      "--method",
      "put",
      "--url",
      `${securedCopy(deploymentId)}?api-version=${apiVersions.machineLearning}`,
      "--body",
      "@deployment.json",
    ),
  ];
}

/** Creates or replaces one outbound rule of a managed network. */
export function putOutboundRule(
  workspaceId: string,
  rule: string,
  properties: Readonly<Record<string, unknown>>,
): Command {
  return azRest("put", `${workspaceId}/outboundRules/${rule}`, apiVersions.machineLearning, {
    properties: { category: "UserDefined", ...properties },
  });
}

/** Shows the outbound rules of a managed network. */
export function listOutboundRules(workspaceId: string): Command {
  return azRest("get", `${workspaceId}/outboundRules`, apiVersions.machineLearning);
}

/** What is told of an outbound rule, as far as making it again needs it. */
interface RuleToMake {
  readonly name: string;
  readonly kind: string;
  readonly category?: string | undefined;
  readonly serviceResourceId?: string | undefined;
  readonly subresource?: string | undefined;
  readonly fqdn?: string | undefined;
}

/** Applies an outbound rule once more: one of the user's own by its definition, one of the service's by provisioning. */
export function applyRule(workspaceId: string, rule: RuleToMake): Command {
  if (isOwn(rule) && rule.kind === "private-endpoint" && rule.serviceResourceId !== undefined)
    return putOutboundRule(workspaceId, rule.name, {
      type: "PrivateEndpoint",
      destination: {
        serviceResourceId: rule.serviceResourceId,
        subresourceTarget: rule.subresource,
        sparkEnabled: false,
      },
    });
  if (isOwn(rule) && rule.kind === "fqdn")
    return putOutboundRule(workspaceId, rule.name, { type: "FQDN", destination: rule.fqdn });
  return provisionNetwork(workspaceId);
}

/** Removes an outbound rule of the user's own; the service's own rules cannot be removed. */
export function removeRule(workspaceId: string, rule: RuleToMake): Command[] {
  return isOwn(rule)
    ? [azRest("delete", `${workspaceId}/outboundRules/${rule.name}`, apiVersions.machineLearning)]
    : [];
}

function isOwn({ category }: RuleToMake): boolean {
  return sameText(category, "UserDefined");
}

/** Starts building a managed network and what was added to it before it was built. */
export function provisionNetwork(workspaceId: string): Command {
  return azRest("post", `${workspaceId}/provisionManagedNetwork`, apiVersions.machineLearning, { includeSpark: false });
}
