import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { armEvidence, type Evidence } from "../model/evidence.ts";
import { defineFact } from "../model/fact.ts";
import { absent } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { getAs } from "./arm-read.ts";
import { flag, privateEndpointConnection, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

export const registrySchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  sku: z.object({ name: text, tier: text }).nullish(),
  properties: z.object({
    loginServer: text,
    adminUserEnabled: flag,
    anonymousPullEnabled: flag,
    provisioningState: text,
    publicNetworkAccess: text,
    networkRuleBypassOptions: text,
    networkRuleSet: z
      .object({
        defaultAction: text,
        ipRules: z.array(z.object({ value: text, action: text })).nullish(),
        virtualNetworkRules: z.array(z.object({ id: text, action: text })).nullish(),
      })
      .nullish(),
    policies: z.object({ quarantinePolicy: z.object({ status: text }).nullish() }).nullish(),
    dataEndpointEnabled: flag,
    dataEndpointHostNames: z.array(z.string()).nullish(),
    privateEndpointConnections: z.array(privateEndpointConnection).nullish(),
  }),
});

export type Registry = z.infer<typeof registrySchema>;

/** Whether the registry does not let everybody in. Its rules count only while public access is on: a registry with public
 * access off may keep `defaultAction: Allow`. */
export function isLocked({ properties }: Registry): boolean {
  return (
    sameText(properties.publicNetworkAccess, "Disabled") || sameText(properties.networkRuleSet?.defaultAction, "Deny")
  );
}

/** What shuts out the public, in the member that says so. */
export function lockEvidence({ id, properties }: Registry): Evidence {
  const { publicNetworkAccess, networkRuleSet } = properties;
  return !sameText(publicNetworkAccess, "Disabled") && sameText(networkRuleSet?.defaultAction, "Deny")
    ? armEvidence(id, "properties.networkRuleSet.defaultAction", networkRuleSet?.defaultAction ?? undefined)
    : armEvidence(id, "properties.publicNetworkAccess", publicNetworkAccess ?? undefined);
}

/** The workspace's container registry; absent when the workspace has none yet. `networkRuleSet` exists on Premium only. */
export const registry = defineFact({
  key: "arm/registry",
  needs: { workspace },
  reads: ["Microsoft.ContainerRegistry/registries/read"],
  schema: registrySchema,
  collect({ workspace: { properties } }, context) {
    const id = properties.containerRegistry;
    return id ? getAs(context, id, apiVersions.containerRegistry, registrySchema) : absent;
  },
});
