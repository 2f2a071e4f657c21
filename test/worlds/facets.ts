import type { World } from "../../src/lab/world.ts";
import { baseline, type Baseline } from "./edit.ts";

/** A world in parts that can change without each other: a property of a resource, the records of a name, an address. */
function facetsOf(world: World): Map<string, string> {
  const facets = new Map<string, string[]>();
  const put = (key: string, value: unknown): void => {
    facets.set(key, [...(facets.get(key) ?? []), JSON.stringify(value)]);
  };
  for (const { properties, ...outer } of world.arm.resources)
    for (const [key, value] of Object.entries({ ...outer, ...(properties as object | undefined) }))
      put(`${outer.id.toLowerCase()} ${key}`, value);
  for (const { path, ...answer } of world.arm.actions) put(`POST ${path}`, answer);
  for (const denied of world.arm.denied) put(`denied ${JSON.stringify(denied)}`, true);
  for (const [server, { records, overrides }] of Object.entries(world.dns.servers)) {
    for (const record of records) put(`${server} ${record.name}`, record);
    put(`${server} overrides`, overrides);
  }
  for (const endpoint of world.network.endpoints) put(`${endpoint.address}:${endpoint.port}`, endpoint);
  put("proxy", world.network.proxy ?? null);
  for (const [key, value] of Object.entries(world.vantage)) put(`vantage ${key}`, value);
  for (const { objects, ...cluster } of world.kubernetes.clusters) {
    put(`cluster ${cluster.resourceId}`, cluster);
    for (const one of objects as { kind: string; metadata: { name: string; namespace?: string } }[]) {
      put(`${one.kind} ${one.metadata.name}`, one);
      put(`namespace ${one.metadata.namespace ?? ""}`, one.metadata.name);
    }
  }
  put("target", world.target);
  put("cloud", world.cloud);
  return new Map([...facets].map(([key, values]) => [key, values.join()]));
}

const healthy = new Map<Baseline, Map<string, string>>();

/** The parts of a baseline that a change touches. */
export function touched(name: Baseline, change: (world: World) => void): Set<string> {
  const before = healthy.get(name) ?? facetsOf(baseline(name));
  healthy.set(name, before);
  const world = baseline(name);
  change(world);
  const after = facetsOf(world);
  return new Set([...before.keys(), ...after.keys()].filter((key) => before.get(key) !== after.get(key)));
}
