import * as z from "zod";
import { parseArmId, sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { computes, computeSchema } from "./computes.ts";
import { onlineEndpoints, type EndpointWithDeployments } from "./online-endpoints.ts";

const attachedEndpoint = z.object({
  id: z.string(),
  name: z.string(),
  scoringUri: z.string().optional(),
  /** Host of the scoring URI: the extension's `sslCname`, or the router's address. */
  host: z.string().optional(),
  deployments: z.array(z.object({ id: z.string(), name: z.string(), provisioningState: z.string().optional() })),
});

const attachment = z.object({
  compute: computeSchema,
  /** The attached cluster. */
  clusterId: z.string(),
  isAks: z.boolean(),
  /** Where the models' pods run. */
  namespace: z.string(),
  endpoints: z.array(attachedEndpoint),
});
/** A Kubernetes compute of the workspace, its cluster, and the online endpoints that run on it. */
export type Attachment = z.infer<typeof attachment>;

/**
 * The attached clusters that the diagnosis is about: those under the online endpoints in question; all of them when no
 * endpoint was asked for or there is none yet, because then a cluster may be why there is none.
 */
export const kubernetesAttachments = defineFact({
  key: "derived/kubernetes-attachments",
  needs: { computes, endpoints: raw(onlineEndpoints) },
  reads: [],
  schema: z.array(attachment),
  collect({ computes: all, endpoints }, { target }) {
    const known = valueOf(endpoints);
    const attached = all.flatMap((compute): Attachment[] => {
      const { computeType, resourceId, properties } = compute.properties;
      if (!resourceId || !(sameText(computeType, "Kubernetes") || sameText(computeType, "AKS"))) return [];
      return [
        {
          compute,
          clusterId: resourceId,
          isAks: sameText(parseArmId(resourceId)?.type, "Microsoft.ContainerService/managedClusters"),
          namespace: properties?.namespace ?? "default",
          endpoints: (known ?? [])
            .filter(({ endpoint }) => sameId(endpoint.properties.compute, compute.id))
            .map(endpointOf),
        },
      ];
    });
    const isAboutOne = target.endpoint !== undefined && known !== undefined && known.length > 0;
    return seen(isAboutOne ? attached.filter(({ endpoints: own }) => own.length > 0) : attached);
  },
});

function endpointOf({ endpoint, deployments }: EndpointWithDeployments): Attachment["endpoints"][number] {
  const { scoringUri } = endpoint.properties;
  const host = scoringUri && URL.canParse(scoringUri) ? new URL(scoringUri).hostname.toLowerCase() : "";
  return {
    id: endpoint.id,
    name: endpoint.name,
    ...(scoringUri ? { scoringUri } : {}),
    ...(host === "" ? {} : { host }),
    deployments: (valueOf(deployments) ?? []).map(({ id, name, properties }) => ({
      id,
      name,
      ...(properties.provisioningState ? { provisioningState: properties.provisioningState } : {}),
    })),
  };
}

/** What findings about a cluster are about, so that causes and effects meet: the cluster, its computes, and the endpoints,
 * deployments and scoring hosts on it. */
export function topicsOf(attachments: readonly Attachment[], clusterId: string): string[] {
  const own = attachments.filter((each) => sameId(each.clusterId, clusterId));
  return [
    ...new Set([
      clusterId,
      ...own.flatMap(({ compute, endpoints }) => [
        compute.id,
        ...endpoints.flatMap(({ id, host, deployments }) => [
          id,
          ...(host === undefined ? [] : [host]),
          ...deployments.map((each) => each.id),
        ]),
      ]),
    ]),
  ];
}

/** The clusters, each once. */
export function clusterIds(attachments: readonly Attachment[]): string[] {
  return [...new Map(attachments.map(({ clusterId }) => [clusterId.toLowerCase(), clusterId])).values()];
}

/** Whether a cluster is attached the v1 way: a compute of type AKS, the router in the namespace `default`. */
export function isLegacy(attachments: readonly Attachment[], clusterId: string): boolean {
  return attachments
    .filter((each) => sameId(each.clusterId, clusterId))
    .every(({ compute }) => sameText(compute.properties.computeType, "AKS"));
}
