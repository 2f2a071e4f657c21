import type { World } from "./world.ts";

/** One cluster of a world. */
export type WorldCluster = World["kubernetes"]["clusters"][number];

/** What a path of the Kubernetes API asks for. */
export interface Ask {
  /** `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly namespace?: string;
  /** `pods`. */
  readonly resource: string;
  readonly name?: string;
  /** `log` or `exec`. */
  readonly sub?: string;
}

/** An object as far as the server reads it. */
export interface Stored {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Of a pod. */
  readonly spec?: { readonly containers?: readonly { readonly name: string }[] };
}

const plurals: Readonly<Record<string, string>> = {
  NetworkPolicy: "networkpolicies",
  Ingress: "ingresses",
  Endpoints: "endpoints",
};

/** `pods` of `Pod`. */
export function resourceOf(kind: string): string {
  return plurals[kind] ?? `${kind.toLowerCase()}s`;
}

/** Reads the segments of a path; undefined when it is not one of a resource. */
export function askOf(segments: readonly string[]): Ask | undefined {
  const [root, ...tail] = segments;
  const group = root === "apis" ? 2 : root === "api" ? 1 : 0;
  if (group === 0 || tail.length <= group) return undefined;
  const apiVersion = tail.slice(0, group).join("/");
  const rest = tail.slice(group);
  const inNamespace = rest[0] === "namespaces" && rest.length > 2;
  const [resource, name, sub] = inNamespace ? rest.slice(2) : rest;
  if (resource === undefined) return undefined;
  return {
    apiVersion,
    resource,
    ...(inNamespace && rest[1] !== undefined ? { namespace: rest[1] } : {}),
    ...(name === undefined ? {} : { name }),
    ...(sub === undefined ? {} : { sub }),
  };
}

/** The world's objects that an ask means, whatever its name. */
export function objectsOf(cluster: WorldCluster, ask: Ask): Stored[] {
  return cluster.objects
    .filter(isStored)
    .filter((object) => object.apiVersion === ask.apiVersion && resourceOf(object.kind) === ask.resource)
    .filter((object) => ask.namespace === undefined || object.metadata.namespace === ask.namespace);
}

function isStored(object: Readonly<Record<string, unknown>>): object is Readonly<Record<string, unknown>> & Stored {
  const metadata: unknown = object["metadata"];
  return (
    typeof object["apiVersion"] === "string" &&
    typeof object["kind"] === "string" &&
    typeof metadata === "object" &&
    metadata !== null &&
    "name" in metadata
  );
}

/** Whether the world denies a verb on a resource; an entry without a namespace counts in all of them. */
export function isDenied(
  cluster: WorldCluster,
  verb: string,
  resource: string,
  namespace: string | undefined,
): boolean {
  return cluster.denied.some(
    (entry) =>
      (entry.verb === "*" || entry.verb === verb) &&
      (entry.resource === "*" || entry.resource === resource) &&
      (entry.namespace === undefined || entry.namespace === namespace),
  );
}

/** Whether an object's labels satisfy a selector of the forms `a=b` and `a`, joined by commas. */
export function matchesLabels(object: Stored, selector: string): boolean {
  return selector.split(",").every((part) => {
    const [key = "", value] = part.split(/==?/, 2);
    const label = object.metadata.labels?.[key];
    return value === undefined ? label !== undefined : label === value;
  });
}
