import type { World } from "../../src/lab/world.ts";
import { azureDns, forget, set } from "./edit.ts";
import { addObject, ail, answers, attachTheOldWay, connectByArc, managed, silence } from "./edit-cluster.ts";
import type { Variation } from "./expect-variation.ts";

const registry = "acrmlprod.azurecr.io";
const models = "azureml-workloads";
const inCluster = true;
const noName = { stderr: "curl: (6) Could not resolve host: acrmlprod.azurecr.io\n", exitCode: 6 };
const refused = { stderr: "curl: (7) Failed to connect to localhost: Connection refused\n", exitCode: 7 };

/** A policy of the models' namespace; `rules` are its ingress. */
function policy(world: World, rules: readonly object[], engine: string): void {
  set(world, managed, { networkProfile: { networkPlugin: "azure", networkPolicy: engine } });
  addObject(world, "NetworkPolicy", models, "default-deny", {
    apiVersion: "networking.k8s.io/v1",
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: rules },
  });
}

/** A training job whose sidecar was killed, for this reason. */
function job(world: World, reason: string, skipped: string): void {
  const env = [
    { name: "HTTPS_PROXY", value: "http://10.0.0.50:3128" },
    { name: "NO_PROXY", value: skipped },
  ];
  addObject(world, "Pod", models, "job-1-worker-0", {
    spec: { containers: [{ name: "training-identity-sidecar", env }] },
    status: {
      phase: "Failed",
      containerStatuses: [
        {
          name: "training-identity-sidecar",
          ready: false,
          image: "",
          state: { terminated: { exitCode: 137, reason } },
        },
      ],
    },
  });
}

/** The router's containers wrote that they could not look a name up. */
function log(world: World, namespace: string): void {
  const [cluster] = world.kubernetes.clusters;
  const entry = cluster?.logs.find(({ pod }) => pod.startsWith("azureml-fe"));
  if (entry === undefined) throw new Error("the router has no log");
  Object.assign(entry, { namespace, text: `dial tcp: lookup ${registry} on 10.200.0.10:53: no such host\n` });
}

/** What is seen inside a cluster: by commands in pods, and on workloads. */
export const inClusterVariations: readonly Variation[] = [
  {
    story: "commands in pods bring nothing to light",
    baseline: "kubernetes",
    inCluster,
    change: () => undefined,
    roots: [],
  },
  {
    story: "a pod of the router cannot look up the registry",
    baseline: "kubernetes",
    inCluster,
    change: (world) => answers(world, registry, noName),
    roots: ["k8s-cluster-dns-broken"],
    fix: [/coredns-custom/],
  },
  {
    story: "a pod of the router gets the registry's public address",
    baseline: "kubernetes",
    inCluster,
    change: (world) => answers(world, `nslookup ${registry}`, { stdout: `Name:\t${registry}\nAddress: 20.62.128.4\n` }),
    roots: ["k8s-cluster-dns-broken"],
  },
  {
    story: "a pod of the router does not get out to sign-in",
    baseline: "kubernetes",
    inCluster,
    change: (world) =>
      answers(world, "https://login.microsoftonline.com", {
        stderr: "curl: (28) Connection timed out\n",
        exitCode: 28,
      }),
    roots: ["k8s-egress-blocked"],
    fix: [/login\.microsoftonline\.com/],
  },
  {
    story: "a pod could not be asked, because commands in pods were not allowed",
    baseline: "kubernetes",
    change: (world) => answers(world, registry, noName),
    roots: [],
    not: ["k8s-cluster-dns-broken"],
  },
  {
    story: "the router's log tells of a name that resolves in its pod by now",
    baseline: "kubernetes",
    inCluster,
    change: (world) => log(world, "azureml"),
    roots: [],
    not: ["k8s-cluster-dns-broken"],
  },
  {
    story: "a cluster of v1 cannot look up the registry",
    baseline: "kubernetes",
    inCluster,
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      answers(world, registry, noName, "default");
    },
    roots: ["aksv1-dns-required-hosts"],
    not: ["k8s-cluster-dns-broken"],
    fix: [/kubectl exec azureml-fe-\S+ --namespace default -- nslookup acrmlprod/],
  },
  {
    story: "the router of a cluster of v1 wrote that it could not look up the registry",
    baseline: "kubernetes",
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      log(world, "default");
    },
    roots: ["aksv1-dns-required-hosts"],
    not: ["k8s-cluster-dns-broken"],
  },
  {
    story: "nobody can look up the registry, a cluster of v1 among them",
    baseline: "kubernetes",
    inCluster,
    change(world) {
      attachTheOldWay(world, "InternalLoadBalancer");
      answers(world, registry, noName, "default");
      forget(world, azureDns, registry);
    },
    roots: ["acr-dns-resolves-public"],
    not: ["aksv1-dns-required-hosts"],
  },
  {
    story: "the router refuses calls in its own pod",
    baseline: "kubernetes",
    inCluster,
    change(world) {
      answers(world, "://localhost", refused);
      silence(world);
    },
    roots: ["k8s-fe-swagger-probe"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/kubectl logs azureml-fe-/],
  },
  {
    story: "the router ends HTTPS in its own pod, and answers over HTTP",
    baseline: "kubernetes",
    inCluster,
    change(world) {
      answers(world, "https://localhost", {
        stderr: "curl: (35) TLS connect error: alert internal error\n",
        exitCode: 35,
      });
      silence(world);
    },
    roots: ["k8s-fe-swagger-probe"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/describe secret azureml-fe-tls/],
  },
  {
    story: "one pod of the router refuses calls, and scoring calls arrive",
    baseline: "kubernetes",
    inCluster,
    change: (world) => answers(world, "://localhost", refused),
    roots: [],
    warns: ["k8s-fe-swagger-probe"],
  },
  {
    story: "the router answers in its own pod, and its address is silent",
    baseline: "kubernetes",
    inCluster,
    change: silence,
    roots: ["k8s-router-address-unreachable"],
    not: ["k8s-fe-swagger-probe"],
  },
  {
    story: "the router's pods crash, and none answers",
    baseline: "kubernetes",
    inCluster,
    change(world) {
      ail(world, "azureml-fe", 0, "CrashLoopBackOff", "back-off 5m0s restarting failed container");
      silence(world);
    },
    roots: ["k8s-azureml-fe-unhealthy"],
    not: ["k8s-fe-swagger-probe"],
  },
  {
    story: "a policy in force lets nobody call the models",
    baseline: "kubernetes",
    change: (world) => policy(world, [], "calico"),
    roots: ["k8s-incluster-ports-blocked"],
    fix: [/kubectl get networkpolicy default-deny/],
  },
  {
    story: "a policy lets nobody call the models, and the router's call is dropped",
    baseline: "kubernetes",
    inCluster,
    change(world) {
      policy(world, [], "azure");
      answers(world, "http://10.244.2.33", { stderr: "curl: (28) Connection timed out after 4001 ms\n", exitCode: 28 });
    },
    roots: ["k8s-incluster-ports-blocked"],
  },
  {
    story: "a policy lets nobody call the models, and nothing enforces it",
    baseline: "kubernetes",
    change: (world) => policy(world, [], "none"),
    roots: [],
    not: ["k8s-incluster-ports-blocked"],
  },
  {
    story: "a policy in force lets the router alone call the models",
    baseline: "kubernetes",
    change: (world) =>
      policy(
        world,
        [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "azureml" } } }] }],
        "calico",
      ),
    roots: [],
    not: ["k8s-incluster-ports-blocked"],
  },
  {
    story: "a training job asked the proxy for its own sidecar",
    baseline: "kubernetes",
    change: (world) => job(world, "Error", "localhost,10.0.0.0/8"),
    roots: [],
    warns: ["k8s-job-proxy-127"],
  },
  {
    story: "a training job behind a proxy ran out of memory",
    baseline: "kubernetes",
    change: (world) => job(world, "OOMKilled", "localhost,10.0.0.0/8"),
    roots: [],
    not: ["k8s-job-proxy-127"],
  },
  {
    story: "a training job that leaves its sidecar out of the proxy was killed",
    baseline: "kubernetes",
    change: (world) => job(world, "Error", "127.0.0.1,localhost"),
    roots: [],
    not: ["k8s-job-proxy-127"],
  },
  {
    story: "Azure Arc has lost the cluster",
    baseline: "kubernetes",
    change: (world) => connectByArc(world, "Offline"),
    roots: ["k8s-relay-unreachable"],
    fix: [/--namespace azure-arc/],
  },
  {
    story: "Azure Arc is connected to the cluster",
    baseline: "kubernetes",
    change: (world) => connectByArc(world, "Connected"),
    roots: [],
    not: ["k8s-relay-unreachable"],
  },
  {
    story: "Azure Arc is connected, and the extension's relay does not run",
    baseline: "kubernetes",
    change(world) {
      connectByArc(world, "Connected");
      addObject(world, "Deployment", "azureml", "relayserver", {
        spec: { replicas: 1 },
        status: { availableReplicas: 0 },
      });
    },
    roots: ["k8s-relay-unreachable"],
    fix: [/deployment\/relayserver/],
  },
];
