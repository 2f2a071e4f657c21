import type { World } from "../../src/lab/world.ts";
import { containerSays, refusedCall } from "./edit-deployment.ts";
import { workspaceResource } from "./edit-dependencies.ts";
import { add, remove, resource, set } from "./edit.ts";

type Json = Record<string, unknown>;
/** The type of an outbound rule. */
export const ruleType = "Microsoft.MachineLearningServices/workspaces/outboundRules";

/** What the workspace says of its managed network. */
export function managedNetwork(world: World): Json & { outboundRules: Record<string, Json> } {
  return resource(world, "/workspaces/mlprod").properties.managedNetwork as Json & {
    outboundRules: Record<string, Json>;
  };
}

/** Sets what is told of a rule, in the list and in the workspace's copy. */
export function setRule(world: World, name: string, properties: Json): void {
  set(world, `/outboundRules/${name}`, properties);
  Object.assign(managedNetwork(world).outboundRules[name] ?? {}, properties);
}

/** Takes a rule away, in the list and in the workspace's copy. */
export function removeRule(world: World, name: string): void {
  remove(world, `/outboundRules/${name}`);
  const network = managedNetwork(world);
  network.outboundRules = Object.fromEntries(Object.entries(network.outboundRules).filter(([each]) => each !== name));
}

/** Adds a rule for a host. */
export function addNameRule(world: World, name: string, host: string): void {
  const properties = { type: "FQDN", destination: host, status: "Active", category: "UserDefined" };
  add(world, { id: `${workspaceResource}/outboundRules/${name}`, name, type: ruleType, properties });
  managedNetwork(world).outboundRules[name] = properties;
}

/** The model calls a host on each request and cannot connect. */
export function modelCalls(world: World, host: string, port?: number): void {
  containerSays(world, [
    "Traceback (most recent call last):",
    '  File "/var/azureml-app/src/score.py", line 12, in run',
    refusedCall(host, port),
    '2026-09-18 07:05:51,091 I [124] gunicorn.access - 127.0.0.1 - - "POST /score HTTP/1.0" 500 12 "-"',
  ]);
}
