import type { WorldResource } from "./world.ts";

interface Embedding {
  /** Type of the parent, lower case. */
  readonly parent: string;
  /** The property of the parent, which is also the last part of the child's type. */
  readonly property: string;
  /** What of the child the parent shows; all when absent. The services differ in it. */
  readonly shows?: readonly string[];
}

const embeddings: readonly Embedding[] = [
  {
    parent: "microsoft.machinelearningservices/workspaces",
    property: "privateEndpointConnections",
    shows: ["id", "properties"],
  },
  { parent: "microsoft.keyvault/vaults", property: "privateEndpointConnections", shows: ["id", "properties"] },
  { parent: "microsoft.containerregistry/registries", property: "privateEndpointConnections" },
  { parent: "microsoft.storage/storageaccounts", property: "privateEndpointConnections" },
  { parent: "microsoft.network/networksecuritygroups", property: "securityRules" },
  { parent: "microsoft.network/networksecuritygroups", property: "defaultSecurityRules" },
  { parent: "microsoft.network/virtualnetworks", property: "subnets" },
  { parent: "microsoft.network/virtualnetworks", property: "virtualNetworkPeerings" },
  { parent: "microsoft.network/routetables", property: "routes" },
];

/** Children that a parent of this type shows and that have no entry of their own: they can be asked for, too. */
export function childrenWithin(type: string, resource: WorldResource): WorldResource[] {
  return embeddings
    .filter((embedding) => embedding.parent === type)
    .flatMap((embedding) => {
      const value = isObject(resource["properties"]) ? resource["properties"][embedding.property] : undefined;
      return Array.isArray(value)
        ? value
            .filter(isResource)
            .map((child) => ({ name: lastPart(child.id), type: `${resource.type}/${embedding.property}`, ...child }))
        : [];
    });
}

/** The resource as its own GET shows it: with its children where the world gave them as entries of their own only. */
export function withChildren(
  type: string,
  resource: WorldResource,
  childrenOf: (childType: string) => readonly WorldResource[],
): WorldResource {
  const properties = isObject(resource["properties"]) ? resource["properties"] : {};
  const missing = embeddings
    .filter((embedding) => embedding.parent === type && properties[embedding.property] === undefined)
    .map(
      ({ property, shows }) =>
        [property, childrenOf(`${type}/${property.toLowerCase()}`).map((child) => shown(child, shows))] as const,
    )
    .filter(([, children]) => children.length > 0);
  return missing.length === 0
    ? resource
    : { ...resource, properties: { ...properties, ...Object.fromEntries(missing) } };
}

/** Puts a child of this type (lower case) into the list of its parent, or takes it out of there, where the parent has such
 * a list of its own. */
export function embed(parent: WorldResource, type: string, id: string, child: WorldResource | undefined): void {
  const embedding = embeddings.find((each) => type === `${each.parent}/${each.property.toLowerCase()}`);
  const properties = parent["properties"];
  if (embedding === undefined || !isObject(properties)) return;
  const list: unknown = properties[embedding.property];
  if (!Array.isArray(list)) return;
  const isOther = (each: unknown): boolean => !isResource(each) || each.id.toLowerCase() !== id.toLowerCase();
  properties[embedding.property] = [
    ...(list as unknown[]).filter(isOther),
    ...(child === undefined ? [] : [shown(child, embedding.shows)]),
  ];
}

function shown(child: WorldResource, keys: readonly string[] | undefined): Record<string, unknown> {
  return keys === undefined ? child : Object.fromEntries(Object.entries(child).filter(([key]) => keys.includes(key)));
}

function isResource(value: unknown): value is { id: string } & Record<string, unknown> {
  return isObject(value) && typeof value["id"] === "string";
}

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
