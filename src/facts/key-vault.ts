import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { absent } from "../model/observation.ts";
import { getAs } from "./arm-read.ts";
import { flag, networkAcls, privateEndpointConnection, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

export const keyVaultSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  properties: z.object({
    tenantId: text,
    vaultUri: text,
    publicNetworkAccess: text,
    enableRbacAuthorization: flag,
    provisioningState: text,
    networkAcls,
    accessPolicies: z
      .array(
        z.object({
          tenantId: text,
          objectId: text,
          permissions: z
            .object({ secrets: z.array(z.string()).nullish(), keys: z.array(z.string()).nullish() })
            .nullish(),
        }),
      )
      .nullish(),
    privateEndpointConnections: z.array(privateEndpointConnection).nullish(),
  }),
});

export type KeyVault = z.infer<typeof keyVaultSchema>;

/** The workspace's key vault. `networkAcls` absent means that no firewall was ever set: open to all networks. */
export const keyVault = defineFact({
  key: "arm/key-vault",
  needs: { workspace },
  reads: ["Microsoft.KeyVault/vaults/read"],
  schema: keyVaultSchema,
  collect({ workspace: { properties } }, context) {
    const id = properties.keyVault;
    return id ? getAs(context, id, apiVersions.keyVault, keyVaultSchema) : absent;
  },
});
