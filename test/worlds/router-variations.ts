import type { World } from "../../src/lab/world.ts";
import { azureDns, forget, point, set, tcp } from "./edit.ts";
import {
  ail,
  endpoint,
  innerAddress,
  moveRouter,
  noAddress,
  objects,
  removeObjects,
  routerAddress,
  scoringHost,
  settings,
  silence,
  warn,
} from "./edit-cluster.ts";
import { addRules, networkProvider, route, subnet } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

const lbSubnet = `${networkProvider}/virtualNetworks/vnet-spoke/subnets/snet-aks-lb`;
const refusal = `The client with object id '9a86c9dd-3c37-5ea4-b1f5-204836973455' does not have authorization to perform action 'Microsoft.Network/virtualNetworks/subnets/read' over scope '${lbSubnet}'. Code="AuthorizationFailed"`;

function router(world: World, change: (service: ReturnType<typeof objects>[number]) => void): void {
  objects(world, "Service", "azureml-fe").forEach(change);
}

/** The router's service is published inside the cluster only. */
function innerRouter(world: World): void {
  settings(world, { inferenceRouterServiceType: "ClusterIP" });
  router(world, ({ spec, status }) => {
    spec.type = "ClusterIP";
    status.loadBalancer = {};
  });
}

/** Callers reach the router in clear text, too. */
function clearText(world: World): void {
  settings(world, { allowInsecureConnections: "True" });
  for (const one of world.network.endpoints) {
    if (one.address !== routerAddress || one.port !== 80) continue;
    one.tcp = "open";
    one.http = [{ status: 401, headers: {}, body: "key_auth_bad_header_forbidden" }];
  }
}

function certificate(world: World, change: Record<string, unknown>): void {
  for (const { address, tls } of world.network.endpoints)
    if (address === routerAddress && tls !== undefined) Object.assign(tls, change);
}

/** How scoring calls get to the router of a Kubernetes endpoint. */
export const routerVariations: readonly Variation[] = [
  {
    story: "the cluster may not use the subnet of the load balancer",
    baseline: "kubernetes",
    change: (world) => noAddress(world, refusal),
    roots: ["k8s-lb-subnet-permission-missing"],
    effects: ["k8s-router-address-unreachable"],
    not: ["aksv1-public-ip-policy"],
    fix: [/Network Contributor.*snet-aks-lb/],
  },
  {
    story: "the load balancer has no address and no event says why",
    baseline: "kubernetes",
    change: (world) => noAddress(world),
    roots: ["k8s-router-address-unreachable"],
    candidates: ["k8s-lb-subnet-permission-missing", "aksv1-public-ip-policy"],
  },
  {
    story: "the subnet of the load balancer has no free address",
    baseline: "kubernetes",
    change: (world) =>
      noAddress(
        world,
        'HTTPStatusCode: 400, RawError: {"error":{"code":"SubnetIsFull","message":"Subnet snet-aks-lb with address prefix 10.1.4.0/29 does not have enough capacity for 1 IP addresses."}}',
      ),
    roots: ["k8s-capacity-or-quota"],
    effects: ["k8s-router-address-unreachable"],
    not: ["k8s-lb-subnet-permission-missing", "aksv1-public-ip-policy"],
    fix: [/list-available-ips .*--name snet-aks-lb/],
  },
  {
    story: "the subnet of the load balancer had no free address once, and has given one by now",
    baseline: "kubernetes",
    change: (world) =>
      warn(world, { kind: "Service", name: "azureml-fe", namespace: "azureml" }, "SubnetIsFull: no capacity"),
    roots: [],
    not: ["k8s-capacity-or-quota"],
  },
  {
    story: "the cluster might not use the subnet of the load balancer once, and has its address by now",
    baseline: "kubernetes",
    change: (world) => warn(world, { kind: "Service", name: "azureml-fe", namespace: "azureml" }, refusal),
    roots: [],
    not: ["k8s-lb-subnet-permission-missing"],
  },
  {
    story: "a policy forbids the load balancer's public address",
    baseline: "kubernetes",
    change: (world) => noAddress(world, "Code=RequestDisallowedByPolicy: no public addresses here"),
    roots: ["aksv1-public-ip-policy"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/internalLoadBalancerProvider/],
  },
  {
    story: "the router is published inside the cluster only",
    baseline: "kubernetes",
    change(world) {
      innerRouter(world);
      set(world, endpoint, { scoringUri: `https://${innerAddress}/api/v1/endpoint/score1/score` });
    },
    roots: ["k8s-clusterip-no-external-path"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/inferenceRouterServiceType.*LoadBalancer/],
  },
  {
    story: "the router is published inside the cluster, and a gateway stands in front of it",
    baseline: "kubernetes",
    change(world) {
      innerRouter(world);
      moveRouter(world, "10.1.5.4");
      point(world, azureDns, scoringHost, "10.1.5.4");
    },
    roots: [],
    not: ["k8s-clusterip-no-external-path", "infdns-k8s-custom-domain", "k8s-router-address-unreachable"],
  },
  {
    story: "the router of a private workspace stands on a public load balancer",
    baseline: "kubernetes",
    change(world) {
      router(world, ({ metadata, status }) => {
        metadata.annotations = {};
        status.loadBalancer = { ingress: [{ ip: "20.85.7.7" }] };
      });
      moveRouter(world, "20.85.7.7");
      point(world, azureDns, scoringHost, "20.85.7.7");
    },
    roots: ["k8s-public-lb-exposed"],
    fix: [/internalLoadBalancerProvider/],
  },
  {
    story: "the router has no replica that serves",
    baseline: "kubernetes",
    change(world) {
      ail(world, "azureml-fe", 0, "CrashLoopBackOff", "back-off 5m0s restarting failed container");
      silence(world);
    },
    roots: ["k8s-azureml-fe-unhealthy"],
    effects: ["k8s-router-address-unreachable"],
  },
  {
    story: "the router has fewer replicas than wanted, and serves",
    baseline: "kubernetes",
    change: (world) => ail(world, "azureml-fe", 1, "CrashLoopBackOff", "back-off 5m0s restarting failed container"),
    roots: [],
    warns: ["k8s-azureml-fe-unhealthy"],
  },
  {
    story: "the router's address is silent, and nothing says why",
    baseline: "kubernetes",
    change: silence,
    roots: ["k8s-router-address-unreachable"],
  },
  {
    story: "scoring calls are made in clear text, which the router takes",
    baseline: "kubernetes",
    change(world) {
      clearText(world);
      set(world, endpoint, { scoringUri: `http://${scoringHost}/api/v1/endpoint/score1/score` });
    },
    roots: [],
    warns: ["k8s-http-insecure-connection"],
  },
  {
    story: "the router takes clear text beside what the scoring URI says",
    baseline: "kubernetes",
    change: clearText,
    roots: [],
    not: ["k8s-http-insecure-connection"],
  },
  {
    story: "the router takes clear text, and the scoring URI says otherwise",
    baseline: "kubernetes",
    change(world) {
      clearText(world);
      for (const one of world.network.endpoints)
        if (one.address === routerAddress && one.port === 443) one.tcp = "refused";
    },
    roots: ["k8s-http-insecure-connection"],
    effects: ["k8s-router-address-unreachable"],
  },
  ...(
    [
      ["another name", { names: ["other.ml.contoso.internal"] }],
      ["a day that has passed", { notAfter: "2026-01-01T00:00:00Z" }],
      ["nobody", { issuer: "self-signed" }],
    ] as const
  ).map(([whom, change]): Variation => ({
    story: `the router's certificate is good for ${whom}`,
    baseline: "kubernetes",
    change: (world) => certificate(world, { ...change }),
    roots: ["k8s-tls-cert-invalid"],
    fix: [/sslSecret/],
  })),
  {
    story: "a device on the way replaces every certificate",
    baseline: "kubernetes",
    change(world) {
      for (const { tls } of world.network.endpoints) if (tls !== undefined) tls.issuer = "corporate-ca";
    },
    roots: ["cv-tls-inspection"],
    not: ["k8s-tls-cert-invalid"],
  },
  {
    story: "the scoring name leads to an address that the router no longer has",
    baseline: "kubernetes",
    change: (world) => point(world, azureDns, scoringHost, "10.1.4.99"),
    roots: ["infdns-k8s-custom-domain"],
    fix: [/10\.1\.4\.10/],
  },
  {
    story: "the scoring name is in no zone",
    baseline: "kubernetes",
    change: (world) => forget(world, azureDns, scoringHost),
    roots: ["infdns-k8s-custom-domain"],
    fix: [/10\.1\.4\.10/],
  },
  {
    story: "the extension was installed without inference",
    baseline: "kubernetes",
    change(world) {
      settings(world, { enableInference: "False" });
      removeObjects(world, ({ kind, metadata }) => kind !== "Secret" && metadata.name.startsWith("azureml-fe"));
      silence(world);
    },
    roots: ["k8s-azureml-fe-unhealthy"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/enableInference/],
  },
  {
    story: "a group keeps this machine from the router as from the private endpoints",
    baseline: "kubernetes",
    change(world) {
      addRules(world, "nsg-jump", "Outbound 200 Deny Tcp VirtualNetwork 443");
      tcp(world, (address) => address.startsWith("10.1."), "timeout");
    },
    roots: ["cv-tcp-443-to-pe-blocked"],
    effects: ["k8s-router-address-unreachable"],
  },
  {
    story: "a group keeps this machine from the router alone",
    baseline: "kubernetes",
    change(world) {
      addRules(world, "nsg-jump", "Outbound 200 Deny Tcp 10.1.4.0/24 443");
      silence(world);
    },
    roots: ["nsg-jumpbox-outbound-blocked"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/10\.1\.4\.10/],
  },
  {
    story: "a group keeps this machine from a router that is called in clear text",
    baseline: "kubernetes",
    change(world) {
      clearText(world);
      set(world, endpoint, { scoringUri: `http://${scoringHost}/api/v1/endpoint/score1/score` });
      addRules(world, "nsg-jump", "Outbound 200 Deny Tcp 10.1.4.0/24 *");
      silence(world);
    },
    roots: ["nsg-jumpbox-outbound-blocked"],
    effects: ["k8s-router-address-unreachable"],
    fix: [/10\.1\.4\.10 --destination-port-ranges 80\b/, /nc -vz -w 5 10\.1\.4\.10 80\b/],
  },
  {
    story: "a route leads to the router and the private endpoints through an appliance, where connections end",
    baseline: "kubernetes",
    change(world) {
      subnet(world, "snet-pe", { privateEndpointNetworkPolicies: "RouteTableEnabled" });
      route(world, "snet-jump", "10.1.0.0/16", "10.0.1.9");
      tcp(world, (address) => address.startsWith("10.1."), "timeout");
    },
    roots: ["udr-routes-pe-through-nva"],
    effects: ["cv-tcp-443-to-pe-blocked", "k8s-router-address-unreachable"],
  },
];
