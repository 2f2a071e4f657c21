import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { eachOf, getAs, listAs, uniqueIds } from "./arm-read.ts";
import { datastores } from "./datastores.ts";
import { flag, networkAcls, privateEndpointConnection, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

export const storageAccountSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  kind: text,
  sku: z.object({ name: text }).nullish(),
  properties: z.object({
    provisioningState: text,
    isHnsEnabled: flag,
    publicNetworkAccess: text,
    allowSharedKeyAccess: flag,
    networkAcls,
    primaryEndpoints: z.object({ blob: text, file: text, queue: text, table: text, dfs: text }).nullish(),
    privateEndpointConnections: z.array(privateEndpointConnection).nullish(),
  }),
});
export type StorageAccount = z.infer<typeof storageAccountSchema>;

const reference = z.object({ id: z.string(), name: text });

/**
 * The workspace's default storage account and those of its datastores. A datastore names its account without an id in
 * older versions: the account is then sought by name in the subscription, and left out when it is not there (it may be
 * anybody's).
 */
export const storageAccounts = defineFact({
  key: "arm/storage-accounts",
  needs: { workspace, datastores: raw(datastores) },
  reads: ["Microsoft.Storage/storageAccounts/read"],
  schema: z.array(z.intersection(eachOf(storageAccountSchema), z.object({ isDefault: z.boolean() }))),
  async collect({ workspace: { properties }, datastores: known }, context) {
    const defaultId = properties.storageAccount ?? undefined;
    const named: string[] = [];
    const unplaced = new Set<string>();
    for (const { properties: store } of valueOf(known) ?? []) {
      if (!store.accountName) continue;
      if (store.subscriptionId && store.resourceGroup) {
        named.push(
          `/subscriptions/${store.subscriptionId}/resourceGroups/${store.resourceGroup}/providers/Microsoft.Storage/storageAccounts/${store.accountName}`,
        );
      } else if (defaultId?.toLowerCase().endsWith(`/${store.accountName.toLowerCase()}`) !== true) {
        unplaced.add(store.accountName.toLowerCase());
      }
    }
    if (unplaced.size > 0) {
      const listed = await listAs(
        context,
        `/subscriptions/${context.target.subscriptionId}/providers/Microsoft.Storage/storageAccounts`,
        apiVersions.storage,
        reference,
      );
      for (const account of valueOf(listed) ?? [])
        if (unplaced.has((account.name ?? "").toLowerCase())) named.push(account.id);
    }
    const ids = uniqueIds([defaultId, ...named]);
    return seen(
      await Promise.all(
        ids.map(async (id) => ({
          id,
          isDefault: sameId(id, defaultId),
          is: await getAs(context, id, apiVersions.storage, storageAccountSchema),
        })),
      ),
    );
  },
});
