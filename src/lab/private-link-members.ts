import type { Cloud } from "../model/cloud.ts";
import { objectOf, propertiesOf, textOf } from "./draft.ts";
import type { WorldResource } from "./world.ts";

/** One address that a private endpoint gets, and the names that it answers for. */
export interface Member {
  /** As interfaces name it: `default`, `notebook`, `registry_data_eastus2`. */
  readonly member: string;
  /** As interfaces list them. */
  readonly fqdns: readonly string[];
  /** The record sets that a zone group writes for it. */
  readonly records: readonly { readonly zone: string; readonly name: string }[];
}

/**
 * What a private endpoint to this resource and group is made of, in the order in which it takes addresses. Source:
 * Microsoft Learn, "Azure private endpoint private DNS zone values". Empty for a service that is not one of a workspace's.
 */
export function membersOf(target: WorldResource, group: string, cloud: Cloud): Member[] {
  const properties = propertiesOf(target);
  const plain = (member: string, fqdn: string, suffix: string, privateSuffix = suffix): Member => ({
    member,
    fqdns: [fqdn],
    records: [{ zone: `privatelink.${privateSuffix}`, name: fqdn.slice(0, -suffix.length - 1) }],
  });
  switch (target.type.toLowerCase()) {
    case "microsoft.keyvault/vaults":
      return [plain("default", hostOf(properties["vaultUri"]), cloud.keyVault, cloud.keyVaultPrivateLink)];
    case "microsoft.storage/storageaccounts":
      return [plain(group, hostOf(objectOf(properties["primaryEndpoints"])[group]), `${group}.${cloud.storage}`)];
    case "microsoft.containerregistry/registries": {
      const data = properties["dataEndpointHostNames"];
      const location = textOf(target["location"]);
      return [
        plain("registry", textOf(properties["loginServer"]), cloud.registry),
        ...(Array.isArray(data) ? data.map(textOf) : []).map((host) =>
          plain(`registry_data_${location}`, host, cloud.registry),
        ),
      ];
    }
    case "microsoft.machinelearningservices/workspaces":
      return workspaceMembers(target, cloud);
    default:
      return [];
  }
}

function workspaceMembers(target: WorldResource, cloud: Cloud): Member[] {
  const { workspaceId, notebookInfo } = propertiesOf(target);
  const guid = textOf(workspaceId);
  const region = textOf(target["location"]);
  const notebook = textOf(objectOf(notebookInfo)["fqdn"]);
  const api = `privatelink.${cloud.workspaceApi}`;
  const names = [`${guid}.workspace.${region}`, `${guid}.workspace.${region}.cert`];
  return [
    {
      member: "default",
      fqdns: names.map((name) => `${name}.${cloud.workspaceApi}`),
      records: names.map((name) => ({ zone: api, name })),
    },
    {
      member: "notebook",
      fqdns: [notebook],
      records: [{ zone: `privatelink.${cloud.notebooks}`, name: notebook.slice(0, -cloud.notebooks.length - 1) }],
    },
    {
      member: "inference",
      fqdns: [`*.${region}.${cloud.inference}`],
      records: [{ zone: api, name: `*.${guid}.inference.${region}` }],
    },
  ];
}

function hostOf(url: unknown): string {
  return textOf(url)
    .replace(/^https:\/\//, "")
    .replace(/\/$/, "");
}
