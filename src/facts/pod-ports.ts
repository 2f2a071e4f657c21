import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { observationOf } from "./arm-read.ts";
import { execPods } from "./exec-pods.ts";
import { kubernetesClusters } from "./kubernetes-clusters.ts";
import { isReady, kubernetesPods, modelOf, type Pod } from "./kubernetes-pods.ts";
import { objectsIn } from "./kubernetes-read.ts";
import { askPod, inTurn, podAnswerSchema } from "./pod-answer.ts";

const podPort = z.object({
  clusterId: z.string(),
  namespace: z.string(),
  /** The router's pod, from which the call was made. */
  pod: z.string(),
  model: z.string(),
  address: z.string(),
  port: z.number(),
  is: observationOf(podAnswerSchema),
});
/** What a call from the router's pod to a model's pod meets. */
export type PodPort = z.infer<typeof podPort>;

/** The port at which the router calls models, where a pod declares none. "Azure Machine Learning inference router". */
const usualPort = 5001;
/** So many models of a cluster are called: one that is shut in is like the others. */
const maxModels = 2;

/** Calls from the router's pod to ready pods of models. */
export const podPorts = defineFact({
  key: "pod/model-ports",
  needs: { pods: execPods, clusters: kubernetesClusters, all: raw(kubernetesPods) },
  reads: [],
  schema: z.array(podPort),
  async collect({ pods, clusters, all }, context) {
    const asked = await Promise.all(
      pods.map((place) => {
        const { clusterId, namespace, pod } = place;
        const namespaces = clusters.find(({ id }) => sameId(id, clusterId))?.namespaces ?? [];
        const models = namespaces
          .flatMap((each) => readyModels(objectsIn(valueOf(all) ?? [], clusterId, each)))
          .slice(0, maxModels);
        return inTurn(
          models,
          async (model): Promise<PodPort> => {
            const address = model.status.podIP ?? "";
            const port = modelPort(model);
            const is = await askPod(context, place, { run: "pod", address, port });
            return { clusterId, namespace, pod, model: model.metadata.name, address, port, is };
          },
          ({ is }) => is.is === "gap" && is.gap === "denied",
        );
      }),
    );
    return seen(asked.flat());
  },
});

/** Pods that serve a deployment, are ready, and have an address of their own. */
export function readyModels(pods: readonly Pod[]): Pod[] {
  return pods.filter(
    (pod) =>
      isReady(pod) &&
      modelOf(pod).deployment !== undefined &&
      Boolean(pod.status.podIP) &&
      pod.spec?.hostNetwork !== true,
  );
}

/** Where the router calls a model's pod. */
export function modelPort({ spec }: Pod): number {
  return (spec?.containers ?? []).flatMap(({ ports }) => ports ?? [])[0]?.containerPort ?? usualPort;
}
