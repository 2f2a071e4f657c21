import { describe, expect, it } from "vitest";
import arcConnection from "../../../probes/kubernetes/arc-connection.ts";
import jobProxy from "../../../probes/kubernetes/job-proxy.ts";
import modelPorts from "../../../probes/kubernetes/model-ports.ts";
import { podSchema } from "../../../src/facts/kubernetes-pods.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";
import { clusterId, managed, view } from "./clusters.ts";

const list = (namespace: string, ...items: readonly unknown[]) => ({ clusterId, namespace, is: seen(items) });
const ready = [{ type: "Ready", status: "True" }];

describe("a cluster of Azure Arc", () => {
  const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Kubernetes/connectedClusters/arc";
  const facts = (connectivityStatus: string | undefined, relay?: number) => ({
    clusters: [view({ id, managed: absent })],
    connected: [{ id, is: seen({ id, name: "arc", properties: { connectivityStatus } }) }],
    deployments: seen([
      {
        clusterId: id,
        namespace: "azureml",
        is: seen(
          relay === undefined
            ? []
            : [{ metadata: { name: "relayserver" }, spec: { replicas: 1 }, status: { availableReplicas: relay } }],
        ),
      },
    ]),
    errors: seen([]),
  });
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["is connected", facts("Connected"), "pass"],
    ["is connected, and its relay runs", facts("connected", 1), "pass"],
    ["is offline", facts("Offline"), "k8s-relay-unreachable"],
    ["has expired", facts("expired"), "k8s-relay-unreachable"],
    ["is connected, and its relay does not run", facts("Connected", 0), "k8s-relay-unreachable"],
    ["is connecting", facts("Connecting"), "unknown"],
    ["says nothing", facts(undefined), "unknown"],
    [
      "could not be read",
      { ...facts(""), connected: [{ id, is: gapAt("GET", { gap: "denied", status: 403 }) }] },
      "unknown",
    ],
    ["is gone", { ...facts(""), connected: [{ id, is: absent }] }, "skip"],
    ["is none: it is an AKS cluster", { ...facts(""), connected: [] }, "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(arcConnection, given)).toBe(expected);
  });
});

describe("a training job", () => {
  const job = (more: object = {}, env: readonly object[] = [{ name: "HTTP_PROXY", value: "http://10.0.0.9:3128" }]) =>
    podSchema.parse({
      metadata: { name: "job-1-worker-0", namespace: "models" },
      spec: { containers: [{ name: "training-identity-sidecar", env }] },
      status: {
        phase: "Failed",
        containerStatuses: [
          { name: "training-identity-sidecar", state: { terminated: { exitCode: 137, reason: "Error" } } },
        ],
        ...more,
      },
    });
  const ended = (exitCode: number, reason: string) => ({
    containerStatuses: [{ name: "training-identity-sidecar", state: { terminated: { exitCode, reason } } }],
  });
  const proxy = { name: "https_proxy", value: "http://u:p@10.0.0.9:3128" };
  it.each([
    ["was killed behind a proxy", job(), "k8s-job-proxy-127?"],
    [
      "was killed behind a proxy that leaves other hosts out",
      job({}, [proxy, { name: "no_proxy", value: "localhost,10.0.0.0/8" }]),
      "k8s-job-proxy-127?",
    ],
    [
      "was killed, and leaves 127.0.0.1 out of the proxy",
      job({}, [proxy, { name: "NO_PROXY", value: "localhost, 127.0.0.1" }]),
      "pass",
    ],
    ["was killed where there is no proxy", job({}, []), "pass"],
    ["ran out of memory", job(ended(137, "OOMKilled")), "pass"],
    ["failed otherwise", job(ended(1, "Error")), "pass"],
    ["succeeded, its sidecar killed in the end", job({ phase: "Succeeded" }), "pass"],
  ])("%s", (_, pod, expected) => {
    expect(verdictOf(jobProxy, { clusters: [view()], pods: seen([list("models", pod)]) })).toBe(expected);
  });

  it("is not there, or hidden", () => {
    expect(verdictOf(jobProxy, { clusters: [view()], pods: seen([list("models")]) })).toBe("skip");
    const hidden = gapAt("list pods in models", { gap: "denied", status: 403 });
    expect(verdictOf(jobProxy, { clusters: [view()], pods: hidden })).toBe("unknown");
  });

  it.each(["http://u:p%40@h:1", "http://made-up:made@up@h:1", "http://u:made/up@h:1", "u:made-up@h:1"])(
    "keeps no credentials of %s",
    (value) => {
      expect(JSON.stringify(job({}, [{ name: "HTTPS_PROXY", value }]))).toMatch(/"(?:http:\/\/)?\*\*\*@h:1"/);
    },
  );

  it("keeps only what names a proxy, without its credentials", () => {
    const pod = job({}, [proxy, { name: "AZURE_CLIENT_SECRET", value: "made-up" }]);
    expect(JSON.stringify(pod)).not.toMatch(/made-up|u:p/);
    expect(commandsOf(jobProxy, { clusters: [view()], pods: seen([list("models", pod)]) })).toContain(
      "kubectl get pod job-1-worker-0 --namespace models",
    );
  });
});

describe("the router's calls to the models", () => {
  const router = podSchema.parse({
    metadata: { name: "azureml-fe-1-a", namespace: "azureml", labels: { app: "azureml-fe" } },
    status: { phase: "Running", podIP: "10.244.0.21", conditions: ready },
  });
  const model = podSchema.parse({
    metadata: { name: "blue-1-a", namespace: "models", labels: { "ml.azure.com/deployment-name": "blue" } },
    status: { phase: "Running", podIP: "10.244.2.33", conditions: ready },
  });
  const shut = {
    metadata: { name: "default-deny", namespace: "models" },
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  };
  const call = (outcome: string) =>
    seen([
      {
        clusterId,
        namespace: "azureml",
        pod: "azureml-fe-1-a",
        model: "blue-1-a",
        address: "10.244.2.33",
        port: 5001,
        is: seen({ outcome, said: outcome, addresses: [] }),
      },
    ]);
  const enforced = view({ managed: seen(managed({ networkProfile: { networkPolicy: "Calico" } })) });
  const unenforced = view({ managed: seen(managed({ networkProfile: { networkPolicy: "none" } })) });
  const facts = (more: object = {}) => ({
    clusters: [enforced],
    pods: seen([list("azureml", router), list("models", model)]),
    policies: seen([list("azureml"), list("models", shut)]),
    namespaces: seen([list("", { metadata: { name: "azureml" } })]),
    ports: gapAt("commands in pods", { gap: "not-collected", why: "excluded" }),
    ...more,
  });
  const hidden = gapAt("list networkpolicies in models", { gap: "denied", status: 403 });
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["are forbidden by a policy in force", facts(), "k8s-incluster-ports-blocked?"],
    ["are forbidden, and dropped", facts({ ports: call("timeout") }), "k8s-incluster-ports-blocked"],
    [
      "are dropped, and no policy says why",
      facts({ policies: seen([]), ports: call("timeout") }),
      "k8s-incluster-ports-blocked",
    ],
    ["are forbidden, and arrive", facts({ ports: call("refused") }), "pass"],
    ["arrive at a model that is busy", facts({ policies: seen([]), ports: call("silent") }), "pass"],
    ["are forbidden where nothing enforces it", facts({ clusters: [unenforced] }), "pass"],
    ["are forbidden by nothing", facts({ policies: seen([list("models")]) }), "pass"],
    ["are forbidden by what cannot be read", facts({ policies: hidden }), "unknown"],
    ["cannot be tried for want of curl", facts({ policies: seen([]), ports: call("no-program") }), "pass"],
    ["have nobody to go to", facts({ pods: seen([list("azureml", router)]) }), "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(modelPorts, given)).toBe(expected);
  });
});
