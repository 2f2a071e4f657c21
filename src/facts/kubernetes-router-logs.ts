import * as z from "zod";
import { defineFact, raw } from "../model/fact.ts";
import { gapAt, mapSeen, seen, valueOf } from "../model/observation.ts";
import { observationOf } from "./arm-read.ts";
import { clusterIds, isLegacy, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { kubernetesPods, routerContainer } from "./kubernetes-pods.ts";
import { extensionNamespace, legacyNamespace, objectsIn } from "./kubernetes-read.ts";

/** Only lines that speak of names, connections or tokens are kept: a router's log also tells of its callers. */
const telling = /lookup \S+|no such host|i\/o timeout|connection refused|x509|TokenRefreshFailed|GetAADTokenFailed/i;
const tailLines = 200;

/** What the router's log says of the network, by cluster; absent when there is no router pod. */
export const kubernetesRouterLogs = defineFact({
  key: "kubernetes/router-logs",
  needs: { attachments: kubernetesAttachments, pods: raw(kubernetesPods) },
  reads: [],
  schema: z.array(z.object({ clusterId: z.string(), pod: z.string(), is: observationOf(z.array(z.string())) })),
  async collect({ attachments, pods }, { kubernetes }) {
    return seen(
      await Promise.all(
        clusterIds(attachments).map(async (clusterId) => {
          const namespace = isLegacy(attachments, clusterId) ? legacyNamespace : extensionNamespace;
          const router = objectsIn(valueOf(pods) ?? [], clusterId, namespace).find(({ metadata }) =>
            metadata.name.startsWith("azureml-fe"),
          );
          if (router === undefined || kubernetes === undefined)
            return {
              clusterId,
              pod: "",
              is:
                router === undefined
                  ? { is: "absent" as const }
                  : gapAt("get pods/log", { gap: "not-collected", why: "excluded" }),
            };
          const pod = router.metadata.name;
          const container = routerContainer(router);
          const log = await kubernetes.logs(clusterId, {
            namespace,
            pod,
            ...(container === undefined ? {} : { container }),
            tailLines,
          });
          return {
            clusterId,
            pod,
            is: mapSeen(log, (text) =>
              text
                .split("\n")
                .filter((line) => telling.test(line))
                .map((line) => line.slice(0, 400))
                .slice(-20),
            ),
          };
        }),
      ),
    );
  },
});
