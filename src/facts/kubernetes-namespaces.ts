import * as z from "zod";
import { kubernetesList, metadata } from "./kubernetes-read.ts";

/** The namespaces of each cluster. */
export const kubernetesNamespaces = kubernetesList({
  key: "kubernetes/namespaces",
  apiVersion: "v1",
  kind: "Namespace",
  schema: z.object({
    metadata,
    status: z.object({ phase: z.string().nullish() }).nullish(),
  }),
  namespaces: () => "cluster",
});
