import {
  addObject,
  ail,
  extension,
  extensionFails,
  objects,
  settings,
  silence,
  unschedulable,
  warn,
  routerAddress,
} from "./edit-cluster.ts";
import { deploymentFails } from "./edit-deployment.ts";
import { guard } from "./edit-networks.ts";
import { resource, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const model = "blue-score1";
const models = "azureml-workloads";
const image = "acrmlprod.azurecr.io/azureml/azureml_churn:12";
const pulling = (why: string): string => `Failed to pull image "${image}": ${why}`;

/** What the extension and the pods of a cluster meet. */
export const kubernetesVariations: readonly Variation[] = [
  {
    story: "no node has room for the model's pod",
    baseline: "kubernetes",
    change: (world) => unschedulable(world, `${model}-5f7d6b8c4d-zzzzz`, models),
    roots: ["k8s-capacity-or-quota"],
    fix: [/aks nodepool scale/],
  },
  {
    story: "no node has room for a pod of the system's",
    baseline: "kubernetes",
    change: (world) => unschedulable(world, "metrics-server-1", "kube-system"),
    roots: [],
    not: ["k8s-capacity-or-quota"],
  },
  {
    story: "a node cannot look up the registry",
    baseline: "kubernetes",
    change: (world) =>
      ail(world, model, 0, "ErrImagePull", pulling("dial tcp: lookup acrmlprod.azurecr.io: no such host")),
    roots: ["k8s-cluster-dns-broken"],
    effects: ["k8s-image-pull-failure"],
    not: ["k8s-egress-blocked"],
    fix: [/coredns-custom/],
  },
  {
    story: "the cluster's DNS has no replica",
    baseline: "kubernetes",
    change: (world) =>
      addObject(world, "Deployment", "kube-system", "coredns", {
        spec: { replicas: 2 },
        status: { availableReplicas: 0 },
      }),
    roots: ["k8s-cluster-dns-broken"],
  },
  {
    story: "the cluster's DNS forwards a zone elsewhere, and nothing complains",
    baseline: "kubernetes",
    change: (world) =>
      addObject(world, "ConfigMap", "kube-system", "coredns-custom", {
        data: { "corp.server": "corp.example.com:53 {\n  forward . 10.0.0.9\n}" },
      }),
    roots: [],
    not: ["k8s-cluster-dns-broken"],
  },
  {
    story: "the extension finds that the cluster does not get out",
    baseline: "kubernetes",
    change: (world) =>
      extensionFails(world, "Error: [E45003] BAD_NETWORK_CONNECTIVITY: cannot reach mcr.microsoft.com"),
    roots: ["k8s-egress-blocked"],
    effects: ["k8s-extension-unhealthy"],
  },
  {
    story: "the router's pods cannot reach Microsoft's registry",
    baseline: "kubernetes",
    change(world) {
      const why = `Failed to pull image: Get "https://mcr.microsoft.com/v2/": dial tcp 20.61.99.68:443: i/o timeout`;
      ail(world, "azureml-fe", 0, "ErrImagePull", why);
      silence(world);
    },
    roots: ["k8s-egress-blocked"],
    effects: ["k8s-image-pull-failure", "k8s-azureml-fe-unhealthy", "k8s-router-address-unreachable"],
  },
  {
    story: "the cluster has too few nodes for the extension",
    baseline: "kubernetes",
    change: (world) => extensionFails(world, "Error: [E40002] INSUFFICIENT_NODE: healthy nodes are insufficient"),
    roots: ["k8s-extension-unhealthy"],
    fix: [/inferenceRouterHA/],
  },
  {
    story: "the extension is installed and warns",
    baseline: "kubernetes",
    change: (world) =>
      set(world, extension, { statuses: [{ code: "Note", level: "Warning", message: "E40002 in the past" }] }),
    roots: [],
    not: ["k8s-extension-unhealthy"],
  },
  {
    story: "the extension was installed for HTTPS without a certificate",
    baseline: "kubernetes",
    change(world) {
      settings(world, { sslSecret: undefined });
      extensionFails(world, "Error: [E40007] INVALID_SSL_SETTING: the SSL key or certificate is not valid");
    },
    roots: ["k8s-extension-tls-config-missing"],
    effects: ["k8s-extension-unhealthy"],
    fix: [/configurationSettings\W+sslSecret/],
  },
  {
    story: "the extension was installed for HTTPS without a certificate, nor a name for it",
    baseline: "kubernetes",
    change(world) {
      settings(world, { sslSecret: undefined, sslCname: undefined });
      extensionFails(world, "Error: [E40007] INVALID_SSL_SETTING: the SSL key or certificate is not valid");
    },
    roots: ["k8s-extension-tls-config-missing"],
    fix: [/sslCname[^,]*score\.ml\.contoso\.internal/],
  },
  {
    story: "the registry refuses the kubelet's identity",
    baseline: "kubernetes",
    change: (world) => ail(world, model, 0, "ErrImagePull", pulling("failed to authorize: 401 Unauthorized")),
    roots: ["k8s-image-pull-failure"],
    fix: [/AcrPull/],
  },
  {
    story: "the registry has no such image any more",
    baseline: "kubernetes",
    change: (world) =>
      ail(
        world,
        model,
        0,
        "ErrImagePull",
        pulling("code = NotFound desc = acrmlprod.azurecr.io/azureml/x:12: not found"),
      ),
    roots: ["k8s-image-pull-failure"],
    fix: [
      /list-metadata .*--registry acrmlprod --name azureml\/azureml_churn.*back into the registry|back into the registry.*list-metadata/,
    ],
  },
  {
    story: "a pod could not pull its image once, and is ready by now",
    baseline: "kubernetes",
    change(world) {
      const [pod] = objects(world, "Pod", model);
      warn(world, { kind: "Pod", name: pod?.metadata.name ?? "", namespace: models }, pulling("401 Unauthorized"));
    },
    roots: [],
    not: ["k8s-image-pull-failure"],
  },
  {
    story: "the extension finds a router of v1",
    baseline: "kubernetes",
    change(world) {
      addObject(world, "Deployment", "default", "azureml-fe", {
        spec: { replicas: 1 },
        status: { availableReplicas: 1 },
      });
      extensionFails(world, "Error: [E45005] AZUREML_FE_DEPLOYMENT_CONFLICT");
    },
    roots: ["k8s-legacy-fe-conflict"],
    effects: ["k8s-extension-unhealthy"],
    fix: [/delete deployment azureml-fe/],
  },
  {
    story: "a router of v1 stands beside an extension that is installed",
    baseline: "kubernetes",
    change: (world) =>
      addObject(world, "Deployment", "default", "azureml-fe", {
        spec: { replicas: 1 },
        status: { availableReplicas: 1 },
      }),
    roots: [],
    not: ["k8s-legacy-fe-conflict"],
  },
  {
    story: "no node has room for the router's pods",
    baseline: "kubernetes",
    change(world) {
      ail(world, "azureml-fe", 0, "", "");
      unschedulable(world, "azureml-fe-6c9d7f8b5c-zzzzz", "azureml");
      silence(world);
    },
    roots: ["k8s-capacity-or-quota"],
    effects: ["k8s-azureml-fe-unhealthy", "k8s-router-address-unreachable"],
  },
  {
    story: "the extension refuses the certificate that it was given",
    baseline: "kubernetes",
    change: (world) =>
      extensionFails(world, "Error: [E40007] INVALID_SSL_SETTING: the SSL key or certificate is not valid"),
    roots: ["k8s-tls-cert-invalid"],
    effects: ["k8s-extension-unhealthy"],
    not: ["k8s-extension-tls-config-missing"],
  },
  {
    story: "the extension refuses the certificate that it was given, and the router shows it already",
    baseline: "kubernetes",
    change(world) {
      extensionFails(world, "Error: [E40007] INVALID_SSL_SETTING: the SSL key or certificate is not valid");
      for (const { address, tls } of world.network.endpoints)
        if (address === routerAddress && tls) tls.notAfter = "2026-01-01T00:00:00Z";
    },
    roots: ["k8s-tls-cert-invalid"],
    once: ["k8s-tls-cert-invalid"],
    effects: ["k8s-extension-unhealthy"],
  },
  {
    story: "a model's pod cannot pull its image, and the deployment failed",
    baseline: "kubernetes",
    change(world) {
      ail(world, model, 0, "ErrImagePull", pulling("failed to authorize: 401 Unauthorized"));
      deploymentFails(world, { step: "UserContainerImagePull", warning: pulling("401 Unauthorized") });
    },
    roots: ["k8s-image-pull-failure"],
  },
  {
    story: "a model's pod cannot pull its image, and the registry may not be read",
    baseline: "kubernetes",
    change(world) {
      ail(world, model, 0, "ErrImagePull", pulling("failed to authorize: 401 Unauthorized"));
      deploymentFails(world, { step: "UserContainerImagePull", warning: pulling("401 Unauthorized") });
      const { id } = resource(world, "/registries/acrmlprod");
      world.arm.denied.push({ action: "Microsoft.ContainerRegistry/registries/read", scope: id });
    },
    roots: ["k8s-image-pull-failure"],
  },
  {
    story: "a security group shuts the nodes in, and the extension does not get out",
    baseline: "kubernetes",
    change(world) {
      guard(world, "snet-aks", "Outbound 4000 Deny * *");
      extensionFails(world, "Error: [E45003] BAD_NETWORK_CONNECTIVITY: cannot reach mcr.microsoft.com");
    },
    roots: ["aksv1-default-outbound-removed"],
    effects: ["k8s-egress-blocked", "k8s-extension-unhealthy"],
  },
];
