import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf, type Observation } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { observationOf } from "./arm-read.ts";
import { clusterIds, isLegacy, kubernetesAttachments, topicsOf } from "./kubernetes-attachments.ts";
import { extensionSchema, kubernetesExtensions } from "./kubernetes-extensions.ts";
import { kubernetesScoring, scoringArrives } from "./kubernetes-scoring.ts";
import { managedClusters, managedClusterSchema } from "./managed-clusters.ts";

const view = z.object({
  id: z.string(),
  name: z.string(),
  /** The cluster, its computes, and the endpoints, deployments and scoring hosts on it. */
  topics: z.array(z.string()),
  endpoints: z.array(z.object({ id: z.string(), name: z.string(), host: z.string().optional() })),
  /** Namespaces in which models run. */
  namespaces: z.array(z.string()),
  /** Attached the v1 way: the attachment installed the router, there is no extension. */
  isLegacy: z.boolean(),
  managed: observationOf(managedClusterSchema),
  extensions: observationOf(z.array(extensionSchema)),
  isStopped: z.boolean(),
  /** Whether the cluster's inner state can still change the verdict: not while it is stopped, nor when scoring calls arrive. */
  isOpen: z.boolean(),
});
/** One attached cluster with what Azure says of it. */
export type ClusterView = z.infer<typeof view>;

/** The attached clusters in question, each once. */
export const kubernetesClusters = defineFact({
  key: "derived/kubernetes-clusters",
  needs: {
    attachments: kubernetesAttachments,
    managed: raw(managedClusters),
    extensions: raw(kubernetesExtensions),
    scoring: raw(kubernetesScoring),
  },
  reads: [],
  schema: z.array(view),
  collect({ attachments, managed, extensions, scoring }) {
    return seen(
      clusterIds(attachments).map((id): ClusterView => {
        const own = attachments.filter((each) => sameId(each.clusterId, id));
        const cluster = partOf(managed, id);
        const isStopped = sameText(valueOf(cluster)?.properties.powerState?.code, "Stopped");
        return {
          id,
          name: id.split("/").at(-1) ?? id,
          topics: topicsOf(attachments, id),
          endpoints: own.flatMap(({ endpoints }) =>
            endpoints.map((endpoint) => ({
              id: endpoint.id,
              name: endpoint.name,
              ...(endpoint.host === undefined ? {} : { host: endpoint.host }),
            })),
          ),
          namespaces: [...new Set(own.map(({ namespace }) => namespace))],
          isLegacy: isLegacy(attachments, id),
          managed: cluster,
          extensions: partOf(extensions, id),
          isStopped,
          isOpen: !isStopped && !scoringArrives(valueOf(scoring) ?? [], id),
        };
      }),
    );
  },
});

function partOf<T>(
  all: Observation<readonly { readonly id: string; readonly is: Observation<T> }[]>,
  id: string,
): Observation<T> {
  if (all.is !== "value") return all;
  return all.value.find((each) => sameId(each.id, id))?.is ?? { is: "absent" };
}
