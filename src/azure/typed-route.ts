import type { ArmPipeline } from "./pipeline.ts";

/** An ARM path taken apart, as typed clients want it. */
export interface TypedPath {
  readonly subscriptionId: string;
  /** Empty for collections of a subscription. */
  readonly resourceGroup: string;
  /** Provider namespace, lower case. */
  readonly namespace: string;
  /** What follows the namespace, lower case, with `*` for names. */
  readonly shape: string;
  /** The names, outermost first; as many as the shape has, and empty text beyond. */
  readonly names: readonly [string, string, string];
}

/** What every call of a typed client is given. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** One call of a typed client, by the shape of the path that it reads. */
export type TypedCall<C> = (client: C, options: CallOptions, path: TypedPath) => Promise<unknown>;

/** Makes the request for a path with a typed client; undefined when none covers the path. */
export type TypedClient = (path: string, apiVersion: string) => ((signal: AbortSignal) => Promise<unknown>) | undefined;

const grouped = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i;
const ungrouped = /^\/subscriptions\/([^/]+)\/providers\/([^/]+)\/(.+)$/i;

/** The parts of a path with one provider; undefined for others (extension resources, groups). */
export function readTypedPath(path: string): TypedPath | undefined {
  const found = grouped.exec(path);
  const [subscriptionId, resourceGroup, namespace, rest] = found === null ? withoutGroup(path) : found.slice(1);
  if (subscriptionId === undefined || resourceGroup === undefined || namespace === undefined || rest === undefined)
    return undefined;
  const parts = rest.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.toLowerCase() === "providers"))
    return undefined;
  const [first = "", second = "", third = "", ...more] = parts.filter((_, index) => index % 2 === 1);
  if (more.length > 0) return undefined;
  const shape = parts.map((part, index) => (index % 2 === 1 ? "*" : part.toLowerCase())).join("/");
  return { subscriptionId, resourceGroup, namespace: namespace.toLowerCase(), shape, names: [first, second, third] };
}

function withoutGroup(path: string): (string | undefined)[] {
  const found = ungrouped.exec(path);
  return found === null ? [] : [found[1], "", found[2], found[3]];
}

/** The first page of a client's list. Only the first: the client would follow a `nextLink` to any host, with the token. */
export function firstPage(list: { byPage(): AsyncIterableIterator<unknown> }): Promise<unknown> {
  return list.byPage().next();
}

/** A typed client over the shared pipeline. `open` makes the package's client for a subscription and api-version; it is
 * loaded at first use, and one is kept per subscription and version. */
export function typedClient<C>(
  namespace: string,
  calls: Readonly<Record<string, TypedCall<C>>>,
  open: (subscriptionId: string, apiVersion: string) => Promise<C>,
): TypedClient {
  const clients = new Map<string, Promise<C>>();
  const byShape = new Map(Object.entries(calls));
  return (path, apiVersion) => {
    const parts = readTypedPath(path);
    const call =
      parts?.namespace === namespace
        ? byShape.get(`${parts.resourceGroup === "" ? "subscription:" : ""}${parts.shape}`)
        : undefined;
    if (parts === undefined || call === undefined) return undefined;
    return async (abortSignal) => {
      const key = `${parts.subscriptionId}\n${apiVersion}`;
      let client = clients.get(key);
      if (client === undefined) clients.set(key, (client = open(parts.subscriptionId, apiVersion)));
      return call(await client, { abortSignal }, parts);
    };
  };
}

/** The options that put a package's client on the shared pipeline. A copy, since clients add policies of their own. */
export function onPipeline(arm: ArmPipeline, apiVersion: string) {
  return { endpoint: arm.endpoint, apiVersion, pipeline: arm.pipeline.clone(), httpClient: arm.httpClient };
}
