import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { absent, allSeen, gapsOf, seen, valueOf } from "../model/observation.ts";
import { getAs, observationOf, uniqueIds } from "./arm-read.ts";
import { allowedAddresses } from "./allowed-addresses.ts";
import { subnets } from "./subnets.ts";
import { subResource, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const natGateway = z.object({
  id: z.string(),
  properties: z.object({
    publicIpAddresses: z.array(subResource).nullish(),
    publicIpPrefixes: z.array(subResource).nullish(),
  }),
});
/** A public IP address, or a prefix of them. */
const publicAddress = z.object({ id: z.string(), properties: z.object({ ipAddress: text, ipPrefix: text }) });

/**
 * The subnet that serverless compute stands in and the public addresses of its NAT gateway; absent where the workspace
 * names no subnet, or has no list of allowed addresses that it would matter for.
 */
export const serverlessEgress = defineFact({
  key: "arm/serverless-egress",
  needs: { workspace, subnets },
  reads: [
    "Microsoft.Network/natGateways/read",
    "Microsoft.Network/publicIPAddresses/read",
    "Microsoft.Network/publicIPPrefixes/read",
  ],
  schema: z.object({
    subnetId: z.string(),
    natGatewayId: z.string().optional(),
    /** Addresses and CIDR ranges; empty without a NAT gateway. */
    addresses: observationOf(z.array(z.string())),
  }),
  async collect({ workspace: space, subnets: all }, context) {
    const subnetId = space.properties.serverlessComputeSettings?.serverlessComputeCustomSubnet;
    if (!subnetId || allowedAddresses(space).length === 0) return absent;
    const place = all.find(({ id }) => sameId(id, subnetId))?.is;
    if (place === undefined || place.is === "absent") return absent;
    if (place.is === "gap") return place;
    const natGatewayId = valueOf(place)?.subnet.properties?.natGateway?.id;
    if (natGatewayId === undefined) return seen({ subnetId, addresses: seen([]) });
    const gateway = await getAs(context, natGatewayId, apiVersions.network, natGateway);
    if (gateway.is !== "value") return seen({ subnetId, natGatewayId, addresses: gateway });
    const { publicIpAddresses, publicIpPrefixes } = gateway.value.properties;
    const read = await Promise.all(
      uniqueIds([...(publicIpAddresses ?? []), ...(publicIpPrefixes ?? [])].map(({ id }) => id)).map((id) =>
        getAs(context, id, apiVersions.network, publicAddress),
      ),
    );
    const addresses = allSeen(read).flatMap(({ properties: its }) => its.ipAddress ?? its.ipPrefix ?? []);
    return seen({ subnetId, natGatewayId, addresses: gapsOf(read)[0] ?? seen(addresses) });
  },
});
