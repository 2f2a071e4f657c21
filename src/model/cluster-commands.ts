import { apiVersions } from "./api-versions.ts";
import { parseArmId } from "./arm-id.ts";
import { az, azRest, type Command } from "./remediation.ts";

/** `--subscription`, `--resource-group` and `--name` of a resource, for commands that take no id. */
export function inGroup(id: string): string[] {
  const parsed = parseArmId(id);
  return parsed === undefined
    ? []
    : ["--subscription", parsed.subscriptionId, "--resource-group", parsed.resourceGroup, "--name", parsed.name];
}

/** Adds a context for an AKS cluster to the kubeconfig. */
export function getCredentials(clusterId: string): Command {
  return az("aks", "get-credentials", ...inGroup(clusterId));
}

/** Changes settings of a cluster extension; settings that are not named stay as they are. */
export function setExtension(extensionId: string, configurationSettings: Readonly<Record<string, string>>): Command {
  return azRest("patch", extensionId, apiVersions.kubernetesConfiguration, { properties: { configurationSettings } });
}

/** Shows an extension with its state and messages. */
export function showExtension(extensionId: string): Command {
  return azRest("get", extensionId, apiVersions.kubernetesConfiguration);
}
