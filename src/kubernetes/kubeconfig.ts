import { parse } from "yaml";
import * as z from "zod";

const execPlugin = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});
export type ExecPlugin = z.infer<typeof execPlugin>;

const user = z.object({
  token: z.string().nullish(),
  tokenFile: z.string().nullish(),
  "client-certificate": z.string().nullish(),
  "client-certificate-data": z.string().nullish(),
  "client-key": z.string().nullish(),
  "client-key-data": z.string().nullish(),
  exec: execPlugin.nullish(),
});
export type User = z.infer<typeof user>;

const cluster = z.object({
  server: z.url({ protocol: /^https$/ }),
  "certificate-authority": z.string().nullish(),
  "certificate-authority-data": z.string().nullish(),
  "tls-server-name": z.string().nullish(),
  "insecure-skip-tls-verify": z.boolean().nullish(),
  "proxy-url": z.string().nullish(),
});
export type Cluster = z.infer<typeof cluster>;

const kubeconfig = z.object({
  clusters: z.array(z.object({ name: z.string(), cluster })),
  users: z.array(z.object({ name: z.string(), user: user.nullish() })),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
});

/** One way to a cluster: where its API server is, and as whom. */
export interface Access {
  readonly context: string;
  readonly cluster: Cluster;
  readonly user: User;
}

/** A kubeconfig that cannot be used for the cluster in question, told in one line that names no secret. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

/**
 * The access that a kubeconfig gives to the cluster of this name. `context` decides when it is given. Otherwise the
 * context that `az aks get-credentials` writes: named after the cluster, with `-admin` for the cluster's administrator.
 * The current context is never taken by itself: it may lead to another cluster, whose state would be reported as this one's.
 * Throws KubeconfigError.
 */
export function accessTo(text: string, clusterName: string, context?: string): Access {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    throw new KubeconfigError("the kubeconfig is not YAML");
  }
  const parsed = kubeconfig.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new KubeconfigError(`the kubeconfig is not understood at ${issue?.path.join(".") ?? "its top"}`);
  }
  const { contexts, clusters, users } = parsed.data;
  const wanted = context === undefined ? [clusterName, `${clusterName}-admin`] : [context];
  const chosen = wanted
    .map((name) => contexts.find((each) => each.name.toLowerCase() === name.toLowerCase()))
    .find((each) => each !== undefined);
  if (chosen === undefined) throw new KubeconfigError(`the kubeconfig has no context named ${wanted.join(" or ")}`);
  const where = clusters.find(({ name }) => name === chosen.context.cluster)?.cluster;
  const who = users.find(({ name }) => name === chosen.context.user);
  if (where === undefined)
    throw new KubeconfigError(`the context ${chosen.name} names a cluster that the kubeconfig does not have`);
  if (who === undefined)
    throw new KubeconfigError(`the context ${chosen.name} names a user that the kubeconfig does not have`);
  if (where["proxy-url"])
    throw new KubeconfigError(`the context ${chosen.name} wants a proxy (proxy-url), which is not supported`);
  return { context: chosen.name, cluster: where, user: who.user ?? {} };
}
