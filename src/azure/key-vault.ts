import type { KeyVaultManagementClient } from "@azure/arm-keyvault";
import type { ArmPipeline } from "./pipeline.ts";
import { firstPage, onPipeline, typedClient, type TypedCall, type TypedClient } from "./typed-route.ts";

const calls: Readonly<Record<string, TypedCall<KeyVaultManagementClient>>> = {
  "subscription:vaults": (client, options) => firstPage(client.vaults.listBySubscription(options)),
  vaults: (client, options, { resourceGroup }) => firstPage(client.vaults.listByResourceGroup(resourceGroup, options)),
  "vaults/*": (client, options, { resourceGroup, names: [vault] }) => client.vaults.get(resourceGroup, vault, options),
};

/** Key vaults through `@azure/arm-keyvault`. It throws on a body without `properties`; the raw body is read all the same. */
export function keyVault(arm: ArmPipeline): TypedClient {
  return typedClient("microsoft.keyvault", calls, async (subscriptionId, apiVersion) => {
    const { KeyVaultManagementClient } = await import("@azure/arm-keyvault");
    return new KeyVaultManagementClient(arm.credential, subscriptionId, onPipeline(arm, apiVersion));
  });
}
