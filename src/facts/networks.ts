import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parentId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { flag, subResource, text } from "./wire.ts";
import { vantage } from "./vantage.ts";

export const subnetSchema = z.object({
  id: z.string(),
  name: text,
  properties: z
    .object({
      addressPrefix: text,
      addressPrefixes: z.array(z.string()).nullish(),
      networkSecurityGroup: subResource.nullish(),
      routeTable: subResource.nullish(),
      natGateway: subResource.nullish(),
      defaultOutboundAccess: flag,
      privateEndpointNetworkPolicies: text,
      privateLinkServiceNetworkPolicies: text,
      ipConfigurations: z.array(subResource).nullish(),
      serviceEndpoints: z.array(z.object({ service: text, provisioningState: text })).nullish(),
      serviceEndpointPolicies: z.array(subResource).nullish(),
      delegations: z.array(z.object({ name: text, properties: z.object({ serviceName: text }).nullish() })).nullish(),
    })
    .nullish(),
});
export type Subnet = z.infer<typeof subnetSchema>;

export const peeringSchema = z.object({
  id: z.string(),
  name: text,
  properties: z
    .object({
      peeringState: text,
      remoteVirtualNetwork: subResource.nullish(),
      remoteAddressSpace: z.object({ addressPrefixes: z.array(z.string()).nullish() }).nullish(),
      allowVirtualNetworkAccess: flag,
      allowForwardedTraffic: flag,
      allowGatewayTransit: flag,
      useRemoteGateways: flag,
    })
    .nullish(),
});
export type Peering = z.infer<typeof peeringSchema>;

export const virtualNetworkSchema = z.object({
  id: z.string(),
  name: text,
  location: text,
  type: text,
  properties: z.object({
    addressSpace: z.object({ addressPrefixes: z.array(z.string()).nullish() }).nullish(),
    dhcpOptions: z.object({ dnsServers: z.array(z.string()).nullish() }).nullish(),
    subnets: z.array(subnetSchema).nullish(),
  }),
});
export type VirtualNetwork = z.infer<typeof virtualNetworkSchema>;

const network = z.object({
  id: z.string(),
  network: observationOf(virtualNetworkSchema),
  peerings: observationOf(z.array(peeringSchema)),
});

async function look(context: Context, id: string): Promise<z.infer<typeof network>> {
  const [found, peerings] = await Promise.all([
    getAs(context, id, apiVersions.network, virtualNetworkSchema),
    listAs(context, `${id}/virtualNetworkPeerings`, apiVersions.network, peeringSchema),
  ]);
  return { id, network: found, peerings };
}

/**
 * The virtual networks of this machine and of the private endpoints, and the networks peered with this machine's or
 * holding one of its DNS servers; those one step away only, because peering does not chain.
 */
export const networks = defineFact({
  key: "arm/virtual-networks",
  needs: { vantage: raw(vantage), privateEndpoints: raw(privateEndpoints) },
  reads: ["Microsoft.Network/virtualNetworks/read", "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read"],
  schema: z.array(network),
  async collect({ vantage: here, privateEndpoints: endpoints }, context) {
    const subnets = (valueOf(endpoints)?.entries ?? []).flatMap(
      (each) => valueOf(each.endpoint)?.properties.subnet?.id ?? [],
    );
    const first = uniqueIds([valueOf(here)?.vnetId, ...subnets.map((subnet) => parentId(subnet))]);
    const near = await Promise.all(first.map((id) => look(context, id)));
    const remote = uniqueIds(
      near.flatMap((each) =>
        (valueOf(each.peerings) ?? []).map((peering) => peering.properties?.remoteVirtualNetwork?.id),
      ),
    ).filter((id) => !first.some((known) => known.toLowerCase() === id.toLowerCase()));
    return seen([...near, ...(await Promise.all(remote.map((id) => look(context, id))))]);
  },
});
export type NetworkEntry = z.infer<typeof network>;
