import type { World } from "../../src/lab/world.ts";
import { remove, resource } from "./edit.ts";

type Json = Record<string, unknown>;

interface Container {
  ready: boolean;
  state: Json;
  image: string;
}

/** An object of the cluster, as far as the variations change it. */
export interface ClusterObject {
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Json };
  spec: Json;
  status: {
    availableReplicas?: number;
    readyReplicas?: number;
    phase?: string;
    conditions?: Json[];
    containerStatuses?: Container[];
    loadBalancer?: { ingress?: { ip: string }[] };
  };
}

/** The ends of the ids of what a Kubernetes endpoint stands on. */
export const managed = "/managedClusters/aks-ml";
export const extension = "/extensions/azureml";
export const compute = "/computes/aks-inference";
export const endpoint = "/onlineEndpoints/score1";
/** The scoring name, the address of the router's load balancer, and one inside the cluster. */
export const scoringHost = "score.ml.contoso.internal";
export const routerAddress = "10.1.4.10";
export const innerAddress = "10.200.227.236";

/** The only cluster of a world. */
export function cluster(world: World): World["kubernetes"]["clusters"][number] {
  const [only] = world.kubernetes.clusters;
  if (only === undefined || world.kubernetes.clusters.length > 1) throw new Error("not one cluster");
  return only;
}

function all(world: World): ClusterObject[] {
  return cluster(world).objects as unknown as ClusterObject[];
}

/** The objects of a kind whose name begins with `name`. */
export function objects(world: World, kind: string, name: string): ClusterObject[] {
  const found = all(world).filter((one) => one.kind === kind && one.metadata.name.startsWith(name));
  if (found.length === 0) throw new Error(`the cluster has no ${kind} ${name}`);
  return found;
}

/** Adds an object; metadata is made up where it says nothing. */
export function addObject(world: World, kind: string, namespace: string, name: string, more: Json): void {
  const apiVersion = kind === "Deployment" ? "apps/v1" : "v1";
  all(world).push({ apiVersion, kind, metadata: { name, namespace }, ...more } as unknown as ClusterObject);
}

/** Takes the objects away that match. */
export function removeObjects(world: World, match: (one: ClusterObject) => boolean): void {
  cluster(world).objects = cluster(world).objects.filter((one) => !match(one as unknown as ClusterObject));
}

/** A deployment of the cluster has so many replicas available, and its pods beyond them wait for a reason. */
export function ail(world: World, name: string, available: number, reason: string, message: string): void {
  for (const { status } of objects(world, "Deployment", name))
    Object.assign(status, { availableReplicas: available, readyReplicas: available });
  for (const { status } of objects(world, "Pod", name).slice(available)) {
    status.phase = "Pending";
    for (const condition of status.conditions ?? []) if (condition.type === "Ready") condition.status = "False";
    for (const container of status.containerStatuses ?? [])
      Object.assign(container, { ready: false, state: { waiting: { reason, message } } });
  }
}

/** No node has room for the pods of a deployment. */
export function unschedulable(world: World, name: string, namespace: string): void {
  const message = "0/3 nodes are available: 3 Insufficient cpu.";
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
  addObject(world, "Pod", namespace, name, {
    spec: { containers: [{ name: "main", image: "mcr.microsoft.com/example:1" }] },
    status: { phase: "Pending", conditions },
  });
}

/** A warning about an object, as the cluster's events tell it. */
export function warn(world: World, involved: { kind: string; name: string; namespace: string }, message: string): void {
  addObject(world, "Event", involved.namespace, `${involved.name}.17`, {
    type: "Warning",
    reason: "Failed",
    message,
    involvedObject: involved,
    count: 3,
    lastTimestamp: "2026-09-18T06:30:00Z",
  });
}

/** The extension failed and says why. */
export function extensionFails(world: World, message: string): void {
  const statuses = [{ code: "InstallationFailed", displayStatus: "Failed", level: "Error", message }];
  Object.assign(resource(world, extension).properties, { provisioningState: "Failed", statuses });
}

/** Sets settings of the extension; undefined takes one away. */
export function settings(world: World, values: Json): void {
  Object.assign(resource(world, extension).properties.configurationSettings as Json, values);
}

/** The service reports an error of the compute. */
export function computeFails(world: World, code: string, message: string): void {
  Object.assign(resource(world, compute).properties, {
    provisioningState: "Failed",
    provisioningErrors: [{ error: { code, message } }],
  });
}

/** The router's service waits for its address, for which an event gives the reason. */
export function noAddress(world: World, message?: string): void {
  for (const { status } of objects(world, "Service", "azureml-fe")) status.loadBalancer = {};
  if (message !== undefined) warn(world, { kind: "Service", name: "azureml-fe", namespace: "azureml" }, message);
  silence(world);
}

/** What listens at the router's address does not answer any more. */
export function silence(world: World): void {
  for (const one of world.network.endpoints) if (one.address === routerAddress) one.tcp = "timeout";
}

/** Moves what listens at the router's address to another one. */
export function moveRouter(world: World, address: string): void {
  for (const one of world.network.endpoints) if (one.address === routerAddress) one.address = address;
}

/** Attaches the cluster the v1 way: a compute of type AKS, no extension, the router in the namespace `default`. */
export function attachTheOldWay(world: World, loadBalancerType: "PublicIp" | "InternalLoadBalancer"): void {
  Object.assign(resource(world, compute).properties, {
    computeType: "AKS",
    properties: { clusterFqdn: "aks-ml.example.com", agentCount: 3, clusterPurpose: "FastProd", loadBalancerType },
  });
  remove(world, "Microsoft.KubernetesConfiguration/extensions");
  for (const { metadata } of all(world)) if (metadata.namespace?.startsWith("azureml")) metadata.namespace = "default";
}

/** A command in the router's pods that holds this text ends so, whatever the baseline says of it. */
export function answers(
  world: World,
  command: string,
  said: { stdout?: string; stderr?: string; exitCode?: number },
  namespace = "azureml",
): void {
  cluster(world).exec.unshift({ namespace, deployment: "azureml-fe", command, stdout: "", exitCode: 0, ...said });
}

/** The cluster is connected by Azure Arc, in this state. */
export function connectByArc(world: World, connectivityStatus: string): void {
  const text = JSON.stringify(world).replace(
    /Microsoft\.ContainerService\/managedClusters/gi,
    "Microsoft.Kubernetes/connectedClusters",
  );
  Object.assign(world, JSON.parse(text));
  const arc = resource(world, "/connectedClusters/aks-ml");
  arc.properties = { connectivityStatus, lastConnectivityTime: "2026-09-18T06:00:00Z" };
}
