import type { Cloud } from "../../model/cloud.ts";

/** Names of a workspace and its dependencies, and who has them. `*` stands for one or more labels. */
export interface NamePattern {
  readonly name: string;
  readonly what: string;
}

/** The names that a cloud gives to a workspace and what it depends on; their `privatelink` aliases are among them. */
export function namePatterns(cloud: Cloud): readonly NamePattern[] {
  const storage = ["blob", "file", "queue", "table", "dfs"] as const;
  return [
    { name: `*.${cloud.workspaceApi}`, what: "workspace" },
    { name: `*.${cloud.notebooks}`, what: "notebooks" },
    { name: `*.${cloud.inference}`, what: "online endpoints" },
    { name: `*.${cloud.keyVault}`, what: "key vault" },
    ...storage.map((service) => ({ name: `*.${service}.${cloud.storage}`, what: `storage, ${service}` })),
    { name: `*.${cloud.registry}`, what: "container registry" },
  ];
}

/** Names that are only asked for, never dialled. */
export function askedOnly(cloud: Cloud): readonly NamePattern[] {
  return [
    { name: `*.privatelink.${cloud.keyVaultPrivateLink}`, what: "key vault, private link" },
    { name: `*.${cloud.instances}`, what: "compute instances" },
  ];
}

/** The hosts of every look-up, asked for by name once more after one has failed. */
export function managementNames(resourceManager: string, authority: string): readonly NamePattern[] {
  return [
    { name: new URL(resourceManager).hostname, what: "Azure Resource Manager, after a failed look-up" },
    { name: new URL(authority).hostname, what: "sign-in, after a failed look-up" },
  ];
}

/** A name that fits no pattern: the administrator of a cluster chose it. */
export const clusterHost = "(host of a Kubernetes endpoint's scoring URI)";
