import * as z from "zod";
import { extensionNamespace, kubernetesList, metadata } from "./kubernetes-read.ts";

const selector = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() }))
    .nullish(),
});
export type Selector = z.infer<typeof selector>;

const peer = z.object({
  podSelector: selector.nullish(),
  namespaceSelector: selector.nullish(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).nullish() }).nullish(),
});
const port = z.object({
  protocol: z.string().nullish(),
  port: z.union([z.number(), z.string()]).nullish(),
  endPort: z.number().nullish(),
});

export const policySchema = z.object({
  metadata,
  spec: z.object({
    podSelector: selector.nullish(),
    policyTypes: z.array(z.string()).nullish(),
    ingress: z.array(z.object({ from: z.array(peer).nullish(), ports: z.array(port).nullish() })).nullish(),
    egress: z.array(z.object({ to: z.array(peer).nullish(), ports: z.array(port).nullish() })).nullish(),
  }),
});
export type NetworkPolicy = z.infer<typeof policySchema>;
export type PolicyPeer = z.infer<typeof peer>;
export type PolicyPort = z.infer<typeof port>;

/** The network policies of the extension's namespace and of the models'. */
export const kubernetesPolicies = kubernetesList({
  key: "kubernetes/policies",
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  schema: policySchema,
  namespaces: (own) => [extensionNamespace, ...own.map(({ namespace }) => namespace)],
});
