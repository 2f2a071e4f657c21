import * as z from "zod";
import { inAnyPrefix } from "../model/address.ts";
import { apiVersions } from "../model/api-versions.ts";
import { parentId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { allSeen, seen, valueOf } from "../model/observation.ts";
import { eachOf, getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import { calledAddresses, kubernetesScoring } from "./kubernetes-scoring.ts";
import { managedClusters, nodeSubnets } from "./managed-clusters.ts";
import { networkSecurityGroupSchema } from "./network-security-groups.ts";
import { peeringSchema, virtualNetworkSchema } from "./networks.ts";

const network = z.object({
  clusterId: z.string(),
  vnetId: z.string(),
  nodeSubnets: z.array(z.string()),
  network: observationOf(virtualNetworkSchema),
  peerings: observationOf(z.array(peeringSchema)),
  /** Of the nodes' subnets and of the subnets that hold a scoring address. */
  groups: z.array(eachOf(networkSecurityGroupSchema)),
});
/** The virtual network that a cluster's nodes stand in. */
export type ClusterNetwork = z.infer<typeof network>;

/** The virtual networks of the clusters' nodes, with the security groups on the way of scoring calls. Clusters that brought
 * a network of their own (kubenet in the node resource group) have none here. */
export const kubernetesNetworks = defineFact({
  key: "arm/kubernetes-networks",
  needs: { managedClusters, scoring: raw(kubernetesScoring) },
  reads: [
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read",
    "Microsoft.Network/networkSecurityGroups/read",
  ],
  schema: z.array(network),
  async collect({ managedClusters: clusters, scoring }, context) {
    const called = (valueOf(scoring) ?? []).flatMap((path) => [
      ...calledAddresses(path),
      ...(valueOf(path.router) ?? []),
    ]);
    const asked = allSeen(clusters.map(({ is }) => is)).flatMap((cluster) =>
      uniqueIds(nodeSubnets(cluster).map((subnet) => parentId(subnet))).map((vnetId) => ({
        clusterId: cluster.id,
        vnetId,
        subnets: nodeSubnets(cluster),
      })),
    );
    return seen(
      await Promise.all(
        asked.map(async ({ clusterId, vnetId, subnets }): Promise<ClusterNetwork> => {
          const [vnet, peerings] = await Promise.all([
            getAs(context, vnetId, apiVersions.network, virtualNetworkSchema),
            listAs(context, `${vnetId}/virtualNetworkPeerings`, apiVersions.network, peeringSchema),
          ]);
          const onTheWay = (valueOf(vnet)?.properties.subnets ?? []).filter(
            ({ id, properties }) =>
              subnets.some((subnet) => subnet.toLowerCase() === id.toLowerCase()) ||
              called.some((address) =>
                inAnyPrefix(address, [
                  ...(properties?.addressPrefixes ?? []),
                  ...(properties?.addressPrefix ? [properties.addressPrefix] : []),
                ]),
              ),
          );
          const groupIds = uniqueIds(onTheWay.map(({ properties }) => properties?.networkSecurityGroup?.id));
          const groups = await Promise.all(
            groupIds.map(async (id) => ({
              id,
              is: await getAs(context, id, apiVersions.network, networkSecurityGroupSchema),
            })),
          );
          return {
            clusterId,
            vnetId,
            nodeSubnets: subnets.filter((subnet) => parentId(subnet).toLowerCase() === vnetId.toLowerCase()),
            network: vnet,
            peerings,
            groups,
          };
        }),
      ),
    );
  },
});
