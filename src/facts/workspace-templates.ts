import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId, sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { absent, mapSeen } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { listAs } from "./arm-read.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const deployment = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    provisioningState: text,
    timestamp: text,
    outputResources: z.array(z.object({ id: text, apiVersion: text })).nullish(),
  }),
});

const template = z.object({
  deploymentId: z.string(),
  name: z.string(),
  timestamp: z.string(),
  /** The api-version with which the template wrote the workspace; absent where the service does not tell. */
  apiVersion: z.string().optional(),
});

/**
 * The successful template deployments of the workspace's resource group that wrote the workspace, newest first. Asked only
 * where v1_legacy_mode is on; absent otherwise. Templates themselves are not read: that is a POST.
 */
export const workspaceTemplates = defineFact({
  key: "arm/workspace-templates",
  needs: { workspace },
  reads: ["Microsoft.Resources/deployments/read"],
  schema: z.array(template),
  async collect({ workspace: { id, properties } }, context) {
    const own = parseArmId(id);
    if (properties.v1LegacyMode !== true || own === undefined) return absent;
    const listed = await listAs(
      context,
      `/subscriptions/${own.subscriptionId}/resourceGroups/${own.resourceGroup}/providers/Microsoft.Resources/deployments`,
      apiVersions.deployments,
      deployment,
    );
    return mapSeen(listed, (all) =>
      all
        .flatMap(({ id: deploymentId, name, properties: { provisioningState, timestamp, outputResources } }) => {
          const made = (outputResources ?? []).find((each) => sameId(each.id, id));
          if (made === undefined || !timestamp || !sameText(provisioningState, "Succeeded")) return [];
          return [{ deploymentId, name, timestamp, ...(made.apiVersion ? { apiVersion: made.apiVersion } : {}) }];
        })
        .sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp)),
    );
  },
});
