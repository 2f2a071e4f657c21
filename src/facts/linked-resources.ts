import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId } from "../model/arm-id.ts";
import type { Cloud } from "../model/cloud.ts";
import { defineFact, raw } from "../model/fact.ts";
import { allSeen, seen, valueOf } from "../model/observation.ts";
import { dnsName } from "../model/text.ts";
import { listAs } from "./arm-read.ts";
import { keyVault } from "./key-vault.ts";
import { outboundRules } from "./outbound-rules.ts";
import { registry } from "./registry.ts";
import { storageAccounts } from "./storage-accounts.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const connection = z.object({
  properties: z.object({ category: text, target: text, metadata: z.object({ ResourceId: text }).nullish() }),
});

const linked = z.object({
  host: z.string(),
  resourceId: z.string(),
  /** Private link sub-resource behind the host; absent where it is not known. */
  subresource: z.string().optional(),
  /** `publicNetworkAccess` of the resource, where it was read. */
  publicNetworkAccess: z.string().optional(),
});
export type LinkedResource = z.infer<typeof linked>;

/** Private link sub-resources by resource type. Source: "Azure private endpoint private DNS zone values". */
const subresources: Readonly<Record<string, string>> = {
  "microsoft.cognitiveservices/accounts": "account",
  "microsoft.search/searchservices": "searchService",
  "microsoft.documentdb/databaseaccounts": "Sql",
  "microsoft.sql/servers": "sqlServer",
  "microsoft.keyvault/vaults": "vault",
  "microsoft.containerregistry/registries": "registry",
  "microsoft.machinelearningservices/workspaces": "amlworkspace",
};

const storageServices = ["blob", "file", "queue", "table", "dfs"];

function hostOf(target: string | null | undefined): string | undefined {
  const host = /^(?:[a-z]+:\/\/)?([^/:?#\s]+)/i.exec(target ?? "")?.[1];
  return host?.includes(".") === true ? dnsName(host) : undefined;
}

/** The hosts of a resource that could not be read, as its type makes them from its name. */
function hostsByName(id: string, cloud: Cloud): { host: string | undefined; subresource: string }[] {
  const { name, type } = parseArmId(id) ?? { name: "", type: "" };
  switch (type.toLowerCase()) {
    case "microsoft.storage/storageaccounts":
      return storageServices.map((kind) => ({ host: hostOf(`${name}.${kind}.${cloud.storage}`), subresource: kind }));
    case "microsoft.keyvault/vaults":
      return [{ host: hostOf(`${name}.${cloud.keyVault}`), subresource: "vault" }];
    case "microsoft.containerregistry/registries":
      return [{ host: hostOf(`${name}.${cloud.registry}`), subresource: "registry" }];
    default:
      return [];
  }
}

/** The resources behind these hosts, where they are known. */
export function resourcesBehind(linked: readonly LinkedResource[] | undefined, hosts: readonly string[]): string[] {
  return (linked ?? []).flatMap(({ host, resourceId }) => (hosts.includes(host) ? [resourceId] : []));
}

/**
 * Hosts that belong to resources which the workspace knows: its dependencies, its datastores' accounts, its connections,
 * the targets of its outbound rules. One that may not be read is known by the name in its id.
 */
export const linkedResources = defineFact({
  key: "arm/linked-resources",
  needs: {
    workspace,
    accounts: raw(storageAccounts),
    vault: raw(keyVault),
    registry: raw(registry),
    rules: raw(outboundRules),
  },
  reads: ["Microsoft.MachineLearningServices/workspaces/connections/read"],
  schema: z.array(linked),
  async collect({ workspace: { id, properties: space }, accounts, vault, registry: images, rules }, context) {
    const listed = await listAs(context, `${id}/connections`, apiVersions.machineLearning, connection);
    const all: LinkedResource[] = [];
    const add = (
      host: string | undefined,
      resourceId: string,
      subresource: string | undefined,
      publicNetworkAccess?: string | null,
    ): void => {
      if (host !== undefined)
        all.push({
          host,
          resourceId,
          ...(subresource === undefined ? {} : { subresource }),
          ...(publicNetworkAccess ? { publicNetworkAccess } : {}),
        });
    };
    for (const account of allSeen((valueOf(accounts) ?? []).map((each) => each.is))) {
      for (const [kind, url] of Object.entries(account.properties.primaryEndpoints ?? {}))
        add(hostOf(url), account.id, kind, account.properties.publicNetworkAccess);
      for (const { host, subresource } of hostsByName(account.id, context.cloud))
        add(host, account.id, subresource, account.properties.publicNetworkAccess);
    }
    const secrets = valueOf(vault);
    if (secrets) add(hostOf(secrets.properties.vaultUri), secrets.id, "vault", secrets.properties.publicNetworkAccess);
    const registered = valueOf(images);
    if (registered)
      add(
        hostOf(registered.properties.loginServer),
        registered.id,
        "registry",
        registered.properties.publicNetworkAccess,
      );
    for (const { properties } of valueOf(listed) ?? []) {
      const resourceId = properties.metadata?.ResourceId;
      if (resourceId)
        add(hostOf(properties.target), resourceId, subresources[parseArmId(resourceId)?.type.toLowerCase() ?? ""]);
    }
    const known = [
      ...(valueOf(accounts) ?? []).map((each) => each.id),
      space.keyVault,
      space.containerRegistry,
      ...(valueOf(rules) ?? []).map(({ serviceResourceId }) => serviceResourceId),
    ];
    for (const each of known)
      for (const { host, subresource } of hostsByName(each ?? "", context.cloud)) add(host, each ?? "", subresource);
    return seen(all.filter((each, index) => all.findIndex(({ host }) => host === each.host) === index));
  },
});
