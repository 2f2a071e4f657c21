import type { PrivateDnsManagementClient } from "@azure/arm-privatedns";
import type { ArmPipeline } from "./pipeline.ts";
import { firstPage, onPipeline, typedClient, type TypedCall, type TypedClient } from "./typed-route.ts";

const calls: Readonly<Record<string, TypedCall<PrivateDnsManagementClient>>> = {
  "subscription:privatednszones": (client, options) => firstPage(client.privateZones.list(options)),
  privatednszones: (client, options, { resourceGroup }) =>
    firstPage(client.privateZones.listByResourceGroup(resourceGroup, options)),
  "privatednszones/*": (client, options, { resourceGroup, names: [zone] }) =>
    client.privateZones.get(resourceGroup, zone, options),
  "privatednszones/*/virtualnetworklinks": (client, options, { resourceGroup, names: [zone] }) =>
    firstPage(client.virtualNetworkLinks.list(resourceGroup, zone, options)),
  "privatednszones/*/virtualnetworklinks/*": (client, options, { resourceGroup, names: [zone, link] }) =>
    client.virtualNetworkLinks.get(resourceGroup, zone, link, options),
  "privatednszones/*/all": (client, options, { resourceGroup, names: [zone] }) =>
    firstPage(client.recordSets.list(resourceGroup, zone, options)),
  "privatednszones/*/a": (client, options, { resourceGroup, names: [zone] }) =>
    firstPage(client.recordSets.listByType(resourceGroup, zone, "A", options)),
  "privatednszones/*/a/*": (client, options, { resourceGroup, names: [zone, record] }) =>
    client.recordSets.get(resourceGroup, zone, "A", record, options),
};

/** Private DNS zones, their links and records through `@azure/arm-privatedns`. */
export function privateDns(arm: ArmPipeline): TypedClient {
  return typedClient("microsoft.network", calls, async (subscriptionId, apiVersion) => {
    const { PrivateDnsManagementClient } = await import("@azure/arm-privatedns");
    return new PrivateDnsManagementClient(arm.credential, subscriptionId, onPipeline(arm, apiVersion));
  });
}
