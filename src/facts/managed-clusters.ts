import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { eachOf, getAs } from "./arm-read.ts";
import { clusterIds, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { flag, identity, text } from "./wire.ts";

export const managedClusterSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  identity,
  properties: z.object({
    provisioningState: text,
    powerState: z.object({ code: text }).nullish(),
    kubernetesVersion: text,
    fqdn: text,
    privateFQDN: text,
    nodeResourceGroup: text,
    disableLocalAccounts: flag,
    servicePrincipalProfile: z.object({ clientId: text }).nullish(),
    identityProfile: z
      .object({ kubeletidentity: z.object({ objectId: text, clientId: text, resourceId: text }).nullish() })
      .nullish(),
    agentPoolProfiles: z
      .array(
        z.object({
          name: text,
          mode: text,
          count: z.number().nullish(),
          maxPods: z.number().nullish(),
          vnetSubnetID: text,
          powerState: z.object({ code: text }).nullish(),
        }),
      )
      .nullish(),
    apiServerAccessProfile: z
      .object({
        enablePrivateCluster: flag,
        enablePrivateClusterPublicFQDN: flag,
        privateDNSZone: text,
        authorizedIPRanges: z.array(z.string()).nullish(),
      })
      .nullish(),
    networkProfile: z
      .object({
        networkPlugin: text,
        networkPluginMode: text,
        /** What enforces network policies: `azure`, `calico`, `cilium` or `none`. */
        networkPolicy: text,
        outboundType: text,
        serviceCidr: text,
        serviceCidrs: z.array(z.string()).nullish(),
        dnsServiceIP: text,
        podCidr: text,
        /** Only in old api-versions and clusters. */
        dockerBridgeCidr: text,
      })
      .nullish(),
  }),
});
export type ManagedCluster = z.infer<typeof managedClusterSchema>;

/** The AKS clusters under the attachments; one that was deleted is absent. */
export const managedClusters = defineFact({
  key: "arm/managed-clusters",
  needs: { attachments: kubernetesAttachments },
  reads: ["Microsoft.ContainerService/managedClusters/read"],
  schema: z.array(eachOf(managedClusterSchema)),
  async collect({ attachments }, context) {
    const ids = clusterIds(attachments.filter(({ isAks }) => isAks));
    return seen(
      await Promise.all(
        ids.map(async (id) => ({
          id,
          is: await getAs(context, id, apiVersions.containerService, managedClusterSchema),
        })),
      ),
    );
  },
});

/** The subnets of a cluster's nodes, each once; empty for a cluster that brings a network of its own. */
export function nodeSubnets(cluster: ManagedCluster): string[] {
  return [
    ...new Map(
      (cluster.properties.agentPoolProfiles ?? []).flatMap(({ vnetSubnetID }) =>
        vnetSubnetID ? [[vnetSubnetID.toLowerCase(), vnetSubnetID] as const] : [],
      ),
    ).values(),
  ];
}

/** Object ids of the identities that act for a cluster: the control plane's, not the kubelet's. */
export function clusterPrincipals(cluster: ManagedCluster): string[] {
  const { identity: own } = cluster;
  return [
    own?.principalId,
    ...Object.values(own?.userAssignedIdentities ?? {}).map((each) => each?.principalId),
  ].filter((id): id is string => typeof id === "string" && id !== "");
}
