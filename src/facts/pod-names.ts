import * as z from "zod";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf, type Observation } from "../model/observation.ts";
import type { Cloud } from "../model/cloud.ts";
import { observationOf } from "./arm-read.ts";
import { execPods } from "./exec-pods.ts";
import type { Name } from "./name.ts";
import { names } from "./names.ts";
import { askPod, inTurn, podAnswerSchema, type PodAnswer } from "./pod-answer.ts";

const podName = z.object({
  clusterId: z.string(),
  namespace: z.string(),
  pod: z.string(),
  host: z.string(),
  /** The addresses of private endpoints, where the name has any and nobody may come in by the public one. */
  expected: z.array(z.string()),
  /** What `nslookup` says of it; asked where an address is expected, or where the call came to nothing. */
  lookUp: observationOf(podAnswerSchema),
  /** What a call to it meets. */
  head: observationOf(podAnswerSchema),
});
/** A name that the cluster needs, as a pod of the router sees it. */
export type PodName = z.infer<typeof podName>;

/** Names that the router and the pods need and that are the estate's own: "Azure Machine Learning inference router,
 * connectivity requirements". One of each service is enough to tell whether names resolve. */
const ownServices = ["workspace-api", "registry", "blob"] as const;

/** What the names that a cluster needs are to a pod of its router. */
export const podNames = defineFact({
  key: "pod/names",
  needs: { pods: execPods, names: raw(names) },
  reads: [],
  schema: z.array(podName),
  async collect({ pods, names: all }, context) {
    const own = ownServices.flatMap((service) => (valueOf(all) ?? []).find((name) => name.service === service) ?? []);
    const hosts = [
      ...own.map((name) => ({ host: name.fqdn, expected: expectedOf(name) })),
      ...sharedHosts(context.cloud).map((host) => ({ host, expected: [] })),
    ];
    const asked = await Promise.all(
      pods.map((place) =>
        inTurn(
          hosts,
          async ({ host, expected }): Promise<PodName> => {
            const head = await askPod(context, place, { run: "head", host });
            const told = valueOf(head)?.outcome;
            const isPlain = told === "answered" && expected.length === 0;
            const lookUp: Observation<PodAnswer> =
              isPlain || isRefused(head) ? { is: "absent" } : await askPod(context, place, { run: "look-up", host });
            const { clusterId, namespace, pod } = place;
            return { clusterId, namespace, pod, host, expected, head, lookUp };
          },
          ({ head }) => isRefused(head),
        ),
      ),
    );
    return seen(asked.flat());
  },
});

/** Names of Microsoft's that every cluster calls: sign-in, Resource Manager, and in the public cloud its registry. */
export function sharedHosts(cloud: Cloud): string[] {
  return [
    new URL(cloud.authority).hostname,
    new URL(cloud.resourceManager).hostname,
    ...(cloud.name === "AzureChinaCloud" ? [] : ["mcr.microsoft.com"]),
  ];
}

function expectedOf({ expected, publicAccess }: Name): string[] {
  return publicAccess === "closed" ? [...new Set(expected.map(({ address }) => address))] : [];
}

function isRefused(answer: Observation<PodAnswer>): boolean {
  return answer.is === "gap" && answer.gap === "denied";
}
