import { clouds, type Cloud, type CloudName } from "./cloud.ts";

/** What a private DNS zone serves, by what its name is called in every cloud. */
export type ZoneRole =
  "workspace" | "notebooks" | "key-vault" | "registry" | "blob" | "file" | "queue" | "table" | "dfs";

/** The private DNS zones of Azure Machine Learning and what it depends on, in one cloud. Source: Microsoft Learn, "Azure
 * private endpoint private DNS zone values". */
export function zonesOf(cloud: Cloud): Readonly<Record<ZoneRole, string>> {
  const storage = (service: string): string => `privatelink.${service}.${cloud.storage}`;
  return {
    workspace: `privatelink.${cloud.workspaceApi}`,
    notebooks: `privatelink.${cloud.notebooks}`,
    "key-vault": `privatelink.${cloud.keyVaultPrivateLink}`,
    registry: `privatelink.${cloud.registry}`,
    blob: storage("blob"),
    file: storage("file"),
    queue: storage("queue"),
    table: storage("table"),
    dfs: storage("dfs"),
  };
}

/** Zone names that belong to another cloud than `own`, with what that zone is called in `own`. */
export function zonesOfOtherClouds(own: CloudName): ReadonlyMap<string, { cloud: CloudName; right: string }> {
  const right = zonesOf(clouds[own]);
  const pairs = Object.values(clouds)
    .filter(({ name }) => name !== own)
    .flatMap((cloud) =>
      (Object.entries(zonesOf(cloud)) as [ZoneRole, string][]).map(
        ([role, zone]) => [zone, { cloud: cloud.name, right: right[role] }] as const,
      ),
    );
  return new Map(pairs.filter(([zone, { right: same }]) => zone !== same));
}
