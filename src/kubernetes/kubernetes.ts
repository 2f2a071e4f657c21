import { gapAt, seen, type Gap, type GapObservation, type Observation } from "../model/observation.ts";
import { wordsOf } from "../model/pod-commands.ts";
import type { KubernetesPort } from "../model/ports.ts";
import { execute } from "./exec-channel.ts";
import { accessTo, KubeconfigError } from "./kubeconfig.ts";
import { get, type Answer, type Limit } from "./request.ts";
import { listAccess, listPath, type ResourceKind } from "./resource-path.ts";
import { credentialsOf, type Credentials, type SignInMeans } from "./sign-in.ts";

/** The text of the kubeconfig that leads to a cluster, and the context in it when the user named one. */
export interface Kubeconfig {
  readonly text: string;
  readonly context?: string;
}

export interface KubernetesOptions extends Limit, SignInMeans {
  /** The kubeconfig for the cluster with this ARM id; undefined when there is none. */
  kubeconfig(cluster: string): Promise<Kubeconfig | undefined>;
}

const pageSize = 500;
/** A list that goes on after so many pages is not read to its end, and is a gap: half a list looks like a whole one. */
const maxPages = 20;

/**
 * Kubernetes API servers over HTTPS, as a kubeconfig describes them. We speak the protocol ourselves: a locked-down
 * jump box often has no kubectl, a kubeconfig from `az aks get-credentials` is all it takes, and a refusal arrives with
 * the resource that it is about. Clusters that sign in by Entra ID need their exec plugin (kubelogin) on the machine.
 */
export function createKubernetes(options: KubernetesOptions): KubernetesPort {
  const signedIn = new Map<string, Promise<Credentials>>();
  const credentialsFor = (cluster: string): Promise<Credentials> => {
    const known = signedIn.get(cluster.toLowerCase());
    if (known !== undefined) return known;
    const made = (async () => {
      const kubeconfig = await options.kubeconfig(cluster);
      if (kubeconfig === undefined) throw new KubeconfigError("there is no kubeconfig");
      return credentialsOf(
        accessTo(kubeconfig.text, cluster.split("/").at(-1) ?? cluster, kubeconfig.context),
        options,
      );
    })();
    signedIn.set(cluster.toLowerCase(), made);
    return made;
  };
  const asking = async <T>(
    cluster: string,
    at: string,
    ask: (credentials: Credentials) => Promise<Observation<T>>,
  ): Promise<Observation<T>> => {
    let credentials: Credentials;
    try {
      credentials = await credentialsFor(cluster);
    } catch (error) {
      const message = error instanceof KubeconfigError ? error.message : "the kubeconfig cannot be used";
      return gapAt(at, { gap: "error", code: "no-kubernetes-access", message });
    }
    return ask(credentials);
  };
  return {
    list(cluster, resource) {
      const at = `${listAccess(resource)} (cluster ${cluster.split("/").at(-1) ?? cluster})`;
      return asking(cluster, at, (credentials) => listAll(credentials, resource, at, options));
    },
    logs(cluster, { namespace, pod, container, tailLines }) {
      const access = `get pods/log in ${namespace}`;
      const query = new URLSearchParams({
        tailLines: String(tailLines),
        ...(container === undefined ? {} : { container }),
      });
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query.toString()}`;
      return asking(cluster, access, async (credentials) => {
        const answer = await get(credentials, path, "*/*", options);
        return read(answer, access, access, (body) => seen(body));
      });
    },
    exec(cluster, { namespace, pod, container, command }) {
      const at = `run ${command.run} in pod ${pod} of ${namespace}`;
      const words = wordsOf(command);
      if (words === undefined)
        return Promise.resolve(
          gapAt(at, { gap: "error", code: "strange-name", message: "a name that is none is not handed to a program" }),
        );
      const query = new URLSearchParams({
        stdout: "true",
        stderr: "true",
        ...(container === undefined ? {} : { container }),
      });
      for (const word of words) query.append("command", word);
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec?${query.toString()}`;
      return asking(cluster, at, async (credentials) => {
        const result = await execute(credentials, path, options);
        if ("exitCode" in result) return seen(result);
        return read(result, at, execAccess(result, namespace), () =>
          gapAt(at, { gap: "error", code: "exec-refused", message: "the API server did not open a channel" }),
        );
      });
    },
  };
}

/** The access that running a command wants. A channel is opened by a GET, for which many servers want `get`
 * although roles commonly grant `create`, and newer servers want both; the refusal says which one was missing. */
function execAccess(answer: Answer, namespace: string): string {
  const verb = "body" in answer ? /cannot (get|create) resource \\?"pods\/exec/.exec(answer.body)?.[1] : undefined;
  return verb === "get" ? `create and get pods/exec in ${namespace}` : `create pods/exec in ${namespace}`;
}

async function listAll(
  credentials: Credentials,
  resource: ResourceKind,
  at: string,
  limit: Limit,
): Promise<Observation<unknown[]>> {
  const items: unknown[] = [];
  let next: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const query = new URLSearchParams({ limit: String(pageSize), ...(next === undefined ? {} : { continue: next }) });
    const answer = await get(credentials, `${listPath(resource)}?${query.toString()}`, "application/json", limit);
    const found = read(answer, at, listAccess(resource), (body) => pageOf(body, at));
    if (found.is !== "value") return found;
    items.push(...found.value.items);
    next = found.value.next;
    if (next === undefined) return seen(items);
  }
  return gapAt(at, {
    gap: "error",
    code: "too-many-pages",
    message: `there are more than ${maxPages * pageSize} objects`,
  });
}

function read<T>(answer: Answer, at: string, access: string, take: (body: string) => Observation<T>): Observation<T> {
  if ("gap" in answer) return gapAt(at, answer);
  const { status, body } = answer;
  if (status === 200) return take(body);
  if (status === 404) return { is: "absent" };
  const gap: Gap =
    status === 401 || status === 403
      ? { gap: "denied", status, action: access }
      : status === 429
        ? { gap: "throttled", retryAfterMs: 1000 }
        : { gap: "error", code: String(status), message: "the API server refused the request" };
  return gapAt(at, gap);
}

function pageOf(
  body: string,
  at: string,
): { readonly is: "value"; readonly value: { items: unknown[]; next: string | undefined } } | GapObservation {
  const strange = gapAt(at, { gap: "error", code: "unexpected-shape", message: "the answer is no list" });
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return strange;
  }
  if (typeof document !== "object" || document === null || !("items" in document) || !Array.isArray(document.items))
    return strange;
  const metadata: unknown = "metadata" in document ? document.metadata : undefined;
  const next =
    typeof metadata === "object" &&
    metadata !== null &&
    "continue" in metadata &&
    typeof metadata.continue === "string" &&
    metadata.continue !== ""
      ? metadata.continue
      : undefined;
  return { is: "value", value: { items: document.items, next } };
}
