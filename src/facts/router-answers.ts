import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { observationOf } from "./arm-read.ts";
import { execPods } from "./exec-pods.ts";
import { kubernetesClusters } from "./kubernetes-clusters.ts";
import { objectsIn } from "./kubernetes-read.ts";
import { kubernetesServices } from "./kubernetes-services.ts";
import { askPod, inTurn, podAnswerSchema } from "./pod-answer.ts";

const call = z.object({
  scheme: z.enum(["https", "http"]),
  port: z.number(),
  url: z.string(),
  is: observationOf(podAnswerSchema),
});
const routerAnswers = z.object({
  clusterId: z.string(),
  namespace: z.string(),
  pod: z.string(),
  calls: z.array(call),
});
/** What the router of a cluster answers in its own pod. */
export type RouterAnswers = z.infer<typeof routerAnswers>;

/** Where the service named `azureml-fe` leads in the pod, by what it takes in front. */
const fronts = [
  ["https", 443],
  ["http", 80],
] as const;

/**
 * The router asked on `localhost` in its own pod, over HTTPS and HTTP: apart from DNS, load balancers and security
 * groups. Ports are those that the router's service names by number; others are not asked.
 * Source: "Troubleshooting online endpoints", the swagger check of Kubernetes endpoints.
 */
export const podRouterAnswers = defineFact({
  key: "pod/router-answers",
  needs: { pods: execPods, clusters: kubernetesClusters, services: raw(kubernetesServices) },
  reads: [],
  schema: z.array(routerAnswers),
  async collect({ pods, clusters, services }, context) {
    return seen(
      await Promise.all(
        pods.map(async (place): Promise<RouterAnswers> => {
          const { clusterId, namespace, pod } = place;
          const service = objectsIn(valueOf(services) ?? [], clusterId, namespace).find(
            ({ metadata }) => metadata.name === "azureml-fe",
          );
          // The router answers for an endpoint that it does not know, too: that it says so is what is wanted.
          const endpoint = clusters.find(({ id }) => sameId(id, clusterId))?.endpoints[0]?.name ?? "none";
          const wanted = fronts.flatMap(([scheme, front]) => {
            const port = service?.spec.ports?.find((each) => each.port === front)?.targetPort;
            return typeof port === "number" ? [{ scheme, port }] : [];
          });
          const calls = await inTurn(
            wanted,
            async ({ scheme, port }) => ({
              scheme,
              port,
              url: `${scheme}://localhost:${port}/api/v1/endpoint/${endpoint}/swagger.json`,
              is: await askPod(context, place, { run: "router", scheme, port, endpoint }),
            }),
            ({ is }) => is.is === "gap" && is.gap === "denied",
          );
          return { clusterId, namespace, pod, calls };
        }),
      ),
    );
  },
});
