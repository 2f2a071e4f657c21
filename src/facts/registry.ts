import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { absent } from "../model/observation.ts";
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
    networkRuleSet: z.object({ defaultAction: text, ipRules: z.array(z.object({ value: text, action: text })).nullish() }).nullish(),
    policies: z.object({ quarantinePolicy: z.object({ status: text }).nullish() }).nullish(),
    dataEndpointEnabled: flag,
    dataEndpointHostNames: z.array(z.string()).nullish(),
    privateEndpointConnections: z.array(privateEndpointConnection).nullish(),
  }),
});

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
