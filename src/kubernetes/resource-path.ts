/** A kind of Kubernetes object in one namespace, or in the whole cluster when there is none. */
export interface ResourceKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
}

/** Kinds whose plural is not formed with an `s`. */
const irregular: Readonly<Record<string, string>> = {
  NetworkPolicy: "networkpolicies",
  Ingress: "ingresses",
  Endpoints: "endpoints",
};

/** The resource of a kind as paths and permissions name it: `services`. */
export function pluralOf(kind: string): string {
  return irregular[kind] ?? `${kind.toLowerCase()}s`;
}

/** The path of a list. */
export function listPath({ apiVersion, kind, namespace }: ResourceKind): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${pluralOf(kind)}`;
}

/** A list as a permission: `list services in azureml`, as `kubectl auth can-i` would ask. */
export function listAccess({ kind, namespace }: ResourceKind): string {
  return `list ${pluralOf(kind)}${namespace === undefined ? "" : ` in ${namespace}`}`;
}
