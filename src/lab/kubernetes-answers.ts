import type { Answer, Request } from "./answer.ts";
import {
  askOf,
  isDenied,
  matchesLabels,
  objectsOf,
  resourceOf,
  type Ask,
  type WorldCluster,
} from "./kubernetes-objects.ts";

const user = "lab-user";

/** A Kubernetes Status of a refusal. */
export function status(code: number, reason: string, message: string): Answer {
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code },
  };
}

/** The refusal that RBAC gives. */
export function forbidden(
  verb: string,
  { resource, namespace, apiVersion }: Pick<Ask, "resource" | "namespace" | "apiVersion">,
): Answer {
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return status(
    403,
    "Forbidden",
    `${resource} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`,
  );
}

/** What the API server answers to a GET, as far as readers use it: discovery, lists, single objects, logs. */
export function answerGet(cluster: WorldCluster, request: Request): Answer {
  const { segments, query, path } = request;
  if (path === "/version") return { status: 200, body: { major: "1", minor: "32", gitVersion: "v1.32.7" } };
  const discovered = discovery(cluster, segments);
  if (discovered !== undefined) return { status: 200, body: discovered };
  const ask = askOf(segments);
  if (ask === undefined) return status(404, "NotFound", "the server could not find the requested resource");
  if (ask.sub === "log") return log(cluster, ask, query);
  const verb = ask.name === undefined ? "list" : "get";
  if (isDenied(cluster, verb, ask.resource, ask.namespace)) return forbidden(verb, ask);
  const objects = objectsOf(cluster, ask);
  if (ask.name !== undefined) {
    const one = objects.find((object) => object.metadata.name === ask.name);
    return one === undefined
      ? status(404, "NotFound", `${ask.resource} "${ask.name}" not found`)
      : { status: 200, body: one };
  }
  const selector = query.get("labelSelector");
  const matching = selector ? objects.filter((object) => matchesLabels(object, selector)) : objects;
  return {
    status: 200,
    body: {
      kind: `${kindOf(cluster, ask.resource)}List`,
      apiVersion: ask.apiVersion,
      metadata: { resourceVersion: "1" },
      // As a server does: what all items share stands above them.
      items: matching.map((object) => ({ ...object, kind: undefined, apiVersion: undefined })),
    },
  };
}

/** `Pod` of `pods`; empty for a resource of which the world has no object. */
function kindOf(cluster: WorldCluster, resource: string): string {
  const kind = cluster.objects.map((object) => String(object["kind"])).find((each) => resourceOf(each) === resource);
  return kind ?? "";
}

/** The names that people type. */
const shortNames: Readonly<Record<string, readonly string[]>> = {
  Pod: ["po"],
  Service: ["svc"],
  Deployment: ["deploy"],
  Event: ["ev"],
  ConfigMap: ["cm"],
  Namespace: ["ns"],
  Node: ["no"],
  NetworkPolicy: ["netpol"],
};

function log(cluster: WorldCluster, ask: Ask, query: URLSearchParams): Answer {
  if (isDenied(cluster, "get", "pods/log", ask.namespace)) return forbidden("get", { ...ask, resource: "pods/log" });
  const container = query.get("container");
  const found = cluster.logs.find(
    (entry) =>
      entry.namespace === ask.namespace &&
      entry.pod === ask.name &&
      (container === null || entry.container === undefined || entry.container === container),
  );
  if (found === undefined) return status(404, "NotFound", `pods "${ask.name ?? ""}" not found`);
  const tail = Number(query.get("tailLines") ?? Number.NaN);
  const lines = found.text.replace(/\n$/, "").split("\n");
  return {
    status: 200,
    body: `${(Number.isNaN(tail) ? lines : lines.slice(-tail)).join("\n")}\n`,
    headers: { "content-type": "text/plain" },
  };
}

/** Enough of discovery for kubectl to map names to paths. */
function discovery(cluster: WorldCluster, segments: readonly string[]): unknown {
  const kinds = [
    ...new Map(
      cluster.objects.map((object) => [`${String(object["apiVersion"])} ${String(object["kind"])}`, object]),
    ).values(),
  ];
  const at = segments.join("/");
  const groups = [
    ...new Set(kinds.map((object) => String(object["apiVersion"])).filter((version) => version.includes("/"))),
  ];
  if (at === "api") return { kind: "APIVersions", versions: ["v1"] };
  if (at === "apis") {
    return {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: groups.map((version) => ({
        name: version.split("/")[0],
        versions: [{ groupVersion: version, version: version.split("/")[1] }],
        preferredVersion: { groupVersion: version, version: version.split("/")[1] },
      })),
    };
  }
  const version = /^(?:api\/(v1)|apis\/([^/]+\/[^/]+))$/.exec(at);
  const groupVersion = version?.[1] ?? version?.[2];
  if (groupVersion === undefined) return undefined;
  const resources = kinds
    .filter((object) => object["apiVersion"] === groupVersion)
    .map((object) => {
      const kind = String(object["kind"]);
      return {
        name: resourceOf(kind),
        singularName: kind.toLowerCase(),
        namespaced: !["Node", "Namespace"].includes(kind),
        kind,
        shortNames: shortNames[kind] ?? [],
        verbs: ["get", "list"],
      };
    });
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}
