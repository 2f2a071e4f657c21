import * as z from "zod";
import { defineFact, raw } from "../model/fact.ts";
import { gapAt, seen, valueOf } from "../model/observation.ts";
import { kubernetesClusters } from "./kubernetes-clusters.ts";
import { isReady, kubernetesPods, routerContainer } from "./kubernetes-pods.ts";
import { extensionNamespace, legacyNamespace, objectsIn } from "./kubernetes-read.ts";

const execPod = z.object({
  clusterId: z.string(),
  isLegacy: z.boolean(),
  namespace: z.string(),
  pod: z.string(),
  container: z.string().optional(),
});
/** The pod of a cluster that commands are run in. */
export type ExecPod = z.infer<typeof execPod>;

/**
 * One pod of the router in each cluster that runs: a ready one, else one that runs. A gap unless the user asked for
 * commands in pods: a command starts a process in a customer's pod and stands in the cluster's audit log.
 */
export const execPods = defineFact({
  key: "derived/exec-pods",
  needs: { clusters: kubernetesClusters, pods: raw(kubernetesPods) },
  reads: [],
  schema: z.array(execPod),
  collect({ clusters, pods }, { inCluster }) {
    if (inCluster !== true) return gapAt("commands in pods", { gap: "not-collected", why: "excluded" });
    return seen(
      clusters.flatMap(({ id, isLegacy, isStopped }): ExecPod[] => {
        if (isStopped) return [];
        const namespace = isLegacy ? legacyNamespace : extensionNamespace;
        const routers = objectsIn(valueOf(pods) ?? [], id, namespace).filter(({ metadata }) =>
          metadata.name.startsWith("azureml-fe-"),
        );
        const chosen = routers.find(isReady) ?? routers.find(({ status }) => status.phase === "Running");
        if (chosen === undefined) return [];
        const container = routerContainer(chosen);
        return [
          {
            clusterId: id,
            isLegacy,
            namespace,
            pod: chosen.metadata.name,
            ...(container === undefined ? {} : { container }),
          },
        ];
      }),
    );
  },
});
