import { readFileSync } from "node:fs";
import { parseWorld, type World } from "../../src/lab/world.ts";

/** The estates that the variations start from; each is healthy. */
export type Baseline = "managed-network" | "hub-dns" | "kubernetes" | "customer-network" | "public";

const texts = new Map<Baseline, string>();

/** A fresh copy of a baseline. */
export function baseline(name: Baseline): World {
  const file = new URL(`baselines/${name}.json`, import.meta.url);
  const text = texts.get(name) ?? readFileSync(file, "utf8");
  texts.set(name, text);
  return parseWorld(text, file.pathname);
}

type Json = Record<string, unknown>;

/** One ARM resource by the end of its id, whatever its case. */
export function resource(world: World, idEnd: string): { id: string; properties: Json } & Json {
  const found = world.arm.resources.filter(({ id }) => id.toLowerCase().endsWith(idEnd.toLowerCase()));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources end in ${idEnd}`);
  return only as unknown as { id: string; properties: Json } & Json;
}

/** All resources of a type. */
export function resources(world: World, type: string): ({ id: string; name: string; properties: Json } & Json)[] {
  return world.arm.resources.filter((one) => one.type.toLowerCase() === type.toLowerCase()) as unknown as ({
    id: string;
    name: string;
    properties: Json;
  } & Json)[];
}

/** Takes resources away: those whose id contains the text. */
export function remove(world: World, idPart: string): void {
  world.arm.resources = world.arm.resources.filter(({ id }) => !id.toLowerCase().includes(idPart.toLowerCase()));
}

/** Sets properties of a resource. */
export function set(world: World, idEnd: string, properties: Json): void {
  Object.assign(resource(world, idEnd).properties, properties);
}

/** Adds a resource. */
export function add(world: World, one: { id: string; type: string; name?: string } & Json): void {
  world.arm.resources.push(one);
}

function server(world: World, address: string) {
  const found = world.dns.servers[address];
  if (found === undefined) throw new Error(`no DNS server ${address}`);
  return found;
}

/** Takes records away from one server: those whose name contains the text. */
export function forget(world: World, address: string, namePart: string): void {
  const from = server(world, address);
  from.records = from.records.filter(({ name }) => !name.includes(namePart));
}

/** Lets a server answer for matching names as another server does. */
export function answerLike(
  world: World,
  address: string,
  other: string,
  match: (name: string) => boolean = () => true,
): void {
  const to = server(world, address);
  to.records = [
    ...to.records.filter(({ name }) => !match(name)),
    ...server(world, other)
      .records.filter(({ name }) => match(name))
      .map((record) => ({ ...record })),
  ];
}

/** Points A records of one server elsewhere: those whose name contains the text. */
export function point(world: World, address: string, namePart: string, data: string): void {
  for (const record of server(world, address).records)
    if (record.type === "A" && record.name.includes(namePart)) record.data = data;
}

/** Lets every port 443 of matching addresses behave otherwise. */
export function tcp(
  world: World,
  match: (address: string) => boolean,
  outcome: World["network"]["endpoints"][number]["tcp"],
): void {
  for (const endpoint of world.network.endpoints) if (match(endpoint.address)) endpoint.tcp = outcome;
}

/** A copy of a world that can be changed. */
export function copy(world: World): World {
  return structuredClone(world);
}

/** The public resolver of every baseline. */
export const publicDns = "8.8.8.8";
export const azureDns = "168.63.129.16";
export const hubDns = "10.0.0.4";

/** Nothing of the networks may be read: no endpoint, no zone, no rule. */
export function hideNetworks(world: World): void {
  const types = new Set(world.arm.resources.map((each) => each.type));
  for (const type of [...types].filter((each) => each.startsWith("Microsoft.Network/")))
    world.arm.denied.push({ action: `${type}/read`, scope: "/" });
}
