import { clouds, type Cloud, type CloudName } from "../../src/model/cloud.ts";
import { parseWorld, type World } from "../../src/lab/world.ts";

const regions: Readonly<Record<CloudName, string>> = {
  AzureCloud: "eastus2",
  AzureUSGovernment: "usgovvirginia",
  AzureChinaCloud: "chinanorth3",
};

/** What differs from cloud to cloud, the longer names before those that they end in. */
const members = [
  "resourceManager",
  "authority",
  "inference",
  "instances",
  "workspaceApi",
  "notebooks",
  "keyVaultPrivateLink",
  "keyVault",
  "storage",
  "registry",
  "studio",
] as const satisfies readonly (keyof Cloud)[];

/** A world of the public cloud as it stands in another one: its names, zones and region are that cloud's. */
export function inCloud(world: World, cloud: CloudName): World {
  const from = clouds.AzureCloud;
  const to = clouds[cloud];
  let text = JSON.stringify({ ...world, cloud });
  // By way of marks, since names of one cloud end in names of another.
  const bare = (name: string): string => name.replace("https://", "");
  const marked = members.map(
    (member, index) => [bare(from[member]), `#cloud-name-${index}#`, bare(to[member])] as const,
  );
  for (const [plain, mark] of marked) text = text.replaceAll(plain, mark);
  for (const [, mark, name] of marked) text = text.replaceAll(mark, name);
  return parseWorld(text.replaceAll(regions.AzureCloud, regions[cloud]), world.id);
}
