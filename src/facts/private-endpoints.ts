import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId, sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, allSeen, seen, valueOf, type Observation } from "../model/observation.ts";
import { eachOf, getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import { hub } from "./hub.ts";
import { keyVault } from "./key-vault.ts";
import { registry } from "./registry.ts";
import { storageAccounts } from "./storage-accounts.ts";
import { connectionState, subResource, text, type PrivateEndpointConnection } from "./wire.ts";
import { workspace } from "./workspace.ts";
import { workspaceConnections } from "./workspace-connections.ts";

const linkConnection = z.object({
  name: text,
  properties: z
    .object({
      provisioningState: text,
      privateLinkServiceId: text,
      groupIds: z.array(z.string()).nullish(),
      privateLinkServiceConnectionState: connectionState.nullish(),
      requestMessage: text,
    })
    .nullish(),
});

export const privateEndpointSchema = z.object({
  id: z.string(),
  name: text,
  location: text,
  properties: z.object({
    provisioningState: text,
    subnet: subResource.nullish(),
    networkInterfaces: z.array(subResource).nullish(),
    privateLinkServiceConnections: z.array(linkConnection).nullish(),
    /** A connection that needed approval stands here, also after it was approved. */
    manualPrivateLinkServiceConnections: z.array(linkConnection).nullish(),
    customDnsConfigs: z.array(z.object({ fqdn: text, ipAddresses: z.array(z.string()).nullish() })).nullish(),
  }),
});
export type PrivateEndpoint = z.infer<typeof privateEndpointSchema>;

export const networkInterfaceSchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({
    provisioningState: text,
    enableIPForwarding: z.boolean().nullish(),
    networkSecurityGroup: subResource.nullish(),
    dnsSettings: z
      .object({ dnsServers: z.array(z.string()).nullish(), appliedDnsServers: z.array(z.string()).nullish() })
      .nullish(),
    ipConfigurations: z
      .array(
        z.object({
          name: text,
          properties: z
            .object({
              privateIPAddress: text,
              subnet: subResource.nullish(),
              publicIPAddress: subResource.nullish(),
              privateLinkConnectionProperties: z
                .object({ groupId: text, requiredMemberName: text, fqdns: z.array(z.string()).nullish() })
                .nullish(),
            })
            .nullish(),
        }),
      )
      .nullish(),
  }),
});
export type NetworkInterface = z.infer<typeof networkInterfaceSchema>;

export const zoneGroupSchema = z.object({
  id: z.string(),
  name: text,
  properties: z
    .object({
      provisioningState: text,
      privateDnsZoneConfigs: z
        .array(
          z.object({
            name: text,
            properties: z
              .object({
                privateDnsZoneId: text,
                recordSets: z
                  .array(
                    z.object({
                      recordType: text,
                      recordSetName: text,
                      fqdn: text,
                      provisioningState: text,
                      ipAddresses: z.array(z.string()).nullish(),
                    }),
                  )
                  .nullish(),
              })
              .nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
export type ZoneGroup = z.infer<typeof zoneGroupSchema>;

const entry = z.object({
  id: z.string(),
  /** The resources whose connections name this endpoint, and the resource that the endpoint itself names. */
  targets: z.array(z.string()),
  endpoint: observationOf(privateEndpointSchema),
  interfaces: z.array(eachOf(networkInterfaceSchema)),
  zoneGroups: observationOf(z.array(zoneGroupSchema)),
});
export type PrivateEndpointEntry = z.infer<typeof entry>;

/** The connections of an endpoint, wherever they stand. */
export function linkConnections(endpoint: PrivateEndpoint): readonly z.infer<typeof linkConnection>[] {
  return [
    ...(endpoint.properties.privateLinkServiceConnections ?? []),
    ...(endpoint.properties.manualPrivateLinkServiceConnections ?? []),
  ];
}

/** The ids of the private endpoints that a resource's connections name. */
function endpointIds(connections: readonly PrivateEndpointConnection[] | null | undefined): string[] {
  return (connections ?? []).flatMap((connection) => connection.properties?.privateEndpoint?.id ?? []);
}

/**
 * Every private endpoint that leads to the workspace or to what it depends on: named by a connection of the resource, or
 * found in the workspace's subscription pointing at it (an endpoint may be left over when its connection is gone, and
 * the other way round). Endpoints of Microsoft's managed networks stand in subscriptions that nobody can read: absent.
 */
export const privateEndpoints = defineFact({
  key: "arm/private-endpoints",
  needs: {
    workspace,
    hub: raw(hub),
    connections: raw(workspaceConnections),
    keyVault: raw(keyVault),
    registry: raw(registry),
    storageAccounts: raw(storageAccounts),
  },
  reads: [
    "Microsoft.Network/privateEndpoints/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read",
  ],
  schema: z.object({ entries: z.array(entry), subscription: observationOf(z.array(z.string())) }),
  async collect({ workspace: { id, properties }, ...known }, context) {
    const vault = valueOf(known.keyVault);
    const acr = valueOf(known.registry);
    const home = valueOf(known.hub);
    const accounts = (valueOf(known.storageAccounts) ?? []).flatMap((account) => valueOf(account.is) ?? []);
    const targets: [string, readonly string[]][] = [
      [id, endpointIds(valueOf(known.connections) ?? properties.privateEndpointConnections)],
      ...(home ? [[home.id, endpointIds(home.properties.privateEndpointConnections)] as [string, string[]]] : []),
      ...(vault ? [[vault.id, endpointIds(vault.properties.privateEndpointConnections)] as [string, string[]]] : []),
      ...(acr ? [[acr.id, endpointIds(acr.properties.privateEndpointConnections)] as [string, string[]]] : []),
      ...accounts.map((account): [string, string[]] => [
        account.id,
        endpointIds(account.properties.privateEndpointConnections),
      ]),
    ];
    const interesting = uniqueIds([
      id,
      properties.keyVault,
      properties.containerRegistry,
      properties.storageAccount,
      ...targets.map(([target]) => target),
    ]);
    const listed = await listAs(
      context,
      `/subscriptions/${context.target.subscriptionId}/providers/Microsoft.Network/privateEndpoints`,
      apiVersions.network,
      privateEndpointSchema,
    );
    const leadsTo = (endpoint: PrivateEndpoint): string[] =>
      uniqueIds(linkConnections(endpoint).map((connection) => connection.properties?.privateLinkServiceId)).filter(
        (target) => interesting.some((wanted) => sameId(wanted, target)),
      );
    const found = new Map<string, { id: string; targets: string[]; endpoint?: PrivateEndpoint }>();
    for (const endpoint of valueOf(listed) ?? []) {
      const leads = leadsTo(endpoint);
      if (leads.length > 0) found.set(endpoint.id.toLowerCase(), { id: endpoint.id, targets: leads, endpoint });
    }
    for (const [target, endpoints] of targets) {
      for (const endpointId of endpoints) {
        const known = found.get(endpointId.toLowerCase());
        if (known) known.targets = uniqueIds([...known.targets, target]);
        else found.set(endpointId.toLowerCase(), { id: endpointId, targets: [target] });
      }
    }
    const entries = await Promise.all(
      [...found.values()].map(
        async ({ id: endpointId, targets: leads, endpoint: known }): Promise<PrivateEndpointEntry> => {
          const endpoint: Observation<PrivateEndpoint> =
            known !== undefined
              ? seen(known)
              : parseArmId(endpointId) === undefined
                ? absent
                : await getAs(context, endpointId, apiVersions.network, privateEndpointSchema);
          if (endpoint.is !== "value")
            return { id: endpointId, targets: leads, endpoint, interfaces: [], zoneGroups: endpoint };
          const [interfaces, zoneGroups] = await Promise.all([
            Promise.all(
              (endpoint.value.properties.networkInterfaces ?? []).map(async (nic) => ({
                id: nic.id,
                is: await getAs(context, nic.id, apiVersions.network, networkInterfaceSchema),
              })),
            ),
            listAs(context, `${endpointId}/privateDnsZoneGroups`, apiVersions.network, zoneGroupSchema),
          ]);
          return { id: endpointId, targets: leads, endpoint, interfaces, zoneGroups };
        },
      ),
    );
    return seen({
      entries,
      subscription:
        listed.is === "value"
          ? seen(
              allSeen([listed])
                .flat()
                .map((endpoint) => endpoint.id),
            )
          : listed,
    });
  },
});
