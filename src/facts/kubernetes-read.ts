import * as z from "zod";
import { defineFact, type Fact } from "../model/fact.ts";
import { absent, gapAt, seen, type GapObservation, type Observation } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { observationOf, readAs } from "./arm-read.ts";
import { clusterIds, kubernetesAttachments, type Attachment } from "./kubernetes-attachments.ts";

/** What a list in one namespace of one cluster brought. `namespace` is empty for kinds that have none. */
export interface Listed<T> {
  readonly clusterId: string;
  readonly namespace: string;
  readonly is: Observation<readonly T[]>;
}

/** What stands in every object. */
export const metadata = z.object({
  name: z.string(),
  namespace: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
});

/** Namespace of the extension's own pods. */
export const extensionNamespace = "azureml";
/** Namespace of the cluster's own pods. */
export const systemNamespace = "kube-system";
/** Where attaching a cluster the v1 way put its router. */
export const legacyNamespace = "default";

/** A list of one kind in some namespaces of a cluster, judged by its schema. */
export async function listKubernetes<T>(
  context: Context,
  cluster: string,
  resource: { apiVersion: string; kind: string; namespace?: string },
  schema: z.ZodType<T>,
): Promise<Observation<T[]>> {
  const at = `list ${resource.kind}${resource.namespace === undefined ? "" : ` in ${resource.namespace}`}`;
  const { kubernetes } = context;
  if (kubernetes === undefined) return gapAt(at, { gap: "not-collected", why: "excluded" });
  const listed = await kubernetes.list(cluster, resource);
  // A kind that the server does not know has no objects.
  return listed.is === "absent" ? absent : readAs(z.array(schema), listed, at);
}

/** A fact that lists one kind in the namespaces that matter, by cluster. Each namespace may be refused by itself. */
export function kubernetesList<T>(definition: {
  key: string;
  apiVersion: string;
  kind: string;
  schema: z.ZodType<T>;
  /** The namespaces; `cluster` for a kind that has none. */
  namespaces(own: readonly Attachment[]): readonly string[] | "cluster";
}): Fact<readonly Listed<T>[]> {
  const { key, apiVersion, kind, schema } = definition;
  return defineFact({
    key,
    needs: { attachments: kubernetesAttachments },
    reads: [],
    schema: z.array(z.object({ clusterId: z.string(), namespace: z.string(), is: observationOf(z.array(schema)) })),
    async collect({ attachments }, context) {
      const asked = clusterIds(attachments).flatMap((clusterId) => {
        const names = definition.namespaces(
          attachments.filter((each) => each.clusterId.toLowerCase() === clusterId.toLowerCase()),
        );
        return names === "cluster"
          ? [{ clusterId, namespace: "" }]
          : [...new Set(names)].map((namespace) => ({ clusterId, namespace }));
      });
      return seen(
        await Promise.all(
          asked.map(async ({ clusterId, namespace }) => ({
            clusterId,
            namespace,
            is: await listKubernetes(
              context,
              clusterId,
              { apiVersion, kind, ...(namespace === "" ? {} : { namespace }) },
              schema,
            ),
          })),
        ),
      );
    },
  });
}

/** The objects of a cluster that could be listed, in the given namespace or in all. */
export function objectsIn<T>(lists: readonly Listed<T>[], clusterId: string, namespace?: string): T[] {
  return lists
    .filter(
      (list) =>
        list.clusterId.toLowerCase() === clusterId.toLowerCase() &&
        (namespace === undefined || list.namespace === namespace),
    )
    .flatMap(({ is }) => (is.is === "value" ? [...is.value] : []));
}

/** The first list of a cluster that could not be read, in the given namespaces or in any. */
export function gapIn(
  lists: readonly Listed<unknown>[],
  clusterId: string,
  namespaces?: readonly string[],
): GapObservation | undefined {
  for (const { is, clusterId: own, namespace } of lists) {
    if (
      is.is === "gap" &&
      own.toLowerCase() === clusterId.toLowerCase() &&
      (namespaces === undefined || namespaces.includes(namespace))
    )
      return is;
  }
  return undefined;
}
