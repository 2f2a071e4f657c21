import * as z from "zod";
import { extensionNamespace, kubernetesList, legacyNamespace } from "./kubernetes-read.ts";

export const eventSchema = z.object({
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  count: z.number().nullish(),
  lastTimestamp: z.string().nullish(),
  involvedObject: z.object({ kind: z.string().nullish(), namespace: z.string().nullish(), name: z.string().nullish() }),
});
export type KubernetesEvent = z.infer<typeof eventSchema>;

/** Events of the extension, of a v1 router and of the models' namespaces. A cluster keeps them for an hour. */
export const kubernetesEvents = kubernetesList({
  key: "kubernetes/events",
  apiVersion: "v1",
  kind: "Event",
  schema: eventSchema,
  namespaces: (own) => [extensionNamespace, legacyNamespace, ...own.map(({ namespace }) => namespace)],
});

/** Warnings about an object, the latest last. */
export function warningsAbout(events: readonly KubernetesEvent[], kind: string, name: string): KubernetesEvent[] {
  return events
    .filter(
      ({ type, involvedObject }) => type === "Warning" && involvedObject.kind === kind && involvedObject.name === name,
    )
    .sort((a, b) => ((a.lastTimestamp ?? "") < (b.lastTimestamp ?? "") ? -1 : 1));
}
