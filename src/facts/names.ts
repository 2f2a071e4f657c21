import * as z from "zod";
import { defineFact, raw } from "../model/fact.ts";
import { parseArmId } from "../model/arm-id.ts";
import { allSeen, seen, valueOf, type Observation } from "../model/observation.ts";
import { dnsName, sameText } from "../model/text.ts";
import { addressesAt, connectionDetails, leadsTo } from "./expected-addresses.ts";
import { hub } from "./hub.ts";
import { keyVault } from "./key-vault.ts";
import { nameSchema, type Name, type Service } from "./name.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { onKubernetes, onlineEndpoints } from "./online-endpoints.ts";
import { registry } from "./registry.ts";
import { storageAccounts } from "./storage-accounts.ts";
import { workspace } from "./workspace.ts";
import { workspaceConnections } from "./workspace-connections.ts";

/** The host of a URL or a bare name. */
function hostOf(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  try {
    return dnsName(new URL(url.includes("://") ? url : `https://${url}`).hostname);
  } catch {
    return undefined;
  }
}

/** The id of a resource that the workspace names and that may not be read. */
function unreadId(is: Observation<unknown>, id: string | null | undefined): string | undefined {
  return is.is === "gap" ? (id ?? undefined) : undefined;
}

/** The first label of a resource's names, where the resource itself cannot tell them. */
function labelOf(id: string): string {
  return (parseArmId(id)?.name ?? "").toLowerCase();
}

/**
 * Every name that a client of the workspace uses, with the addresses that it should have inside the network. The
 * addresses come from the private endpoints' own interfaces (or their DNS configurations, or what the workspace knows of
 * its connections), never from a DNS zone: the zone is what is under suspicion.
 */
export const names = defineFact({
  key: "derived/names",
  needs: {
    workspace,
    hub: raw(hub),
    connections: raw(workspaceConnections),
    privateEndpoints: raw(privateEndpoints),
    keyVault: raw(keyVault),
    registry: raw(registry),
    storageAccounts: raw(storageAccounts),
    onlineEndpoints: raw(onlineEndpoints),
  },
  reads: [],
  schema: z.array(nameSchema),
  collect(given, { cloud }) {
    const { workspace: space } = given;
    const entries = valueOf(given.privateEndpoints)?.entries ?? [];
    const unreadable = new Set(
      entries
        .filter((entry) => entry.endpoint.is === "gap" || entry.interfaces.some((nic) => nic.is.is === "gap"))
        .map((entry) => entry.id.toLowerCase()),
    );
    // A project is reached by the names and the private endpoint of its hub. Of a hub that cannot be seen nothing is said.
    const home = space.properties.hubResourceId ? valueOf(given.hub) : space;
    const guid = home?.properties.workspaceId?.toLowerCase();
    const region = home?.location?.toLowerCase().replaceAll(" ", "");
    const list: Name[] = [];

    const add = (name: {
      service: Service;
      resourceId: string;
      /** What the private endpoint leads to, where that is not the resource itself. */
      linkTarget?: string;
      groupId: string;
      fqdn: string | undefined;
      suffix: string;
      privateSuffix?: string;
      access: string | null | undefined;
      defaultAction?: string | null | undefined;
      alias?: string;
      recordName?: string;
      /** The resource may not be read: its name comes from its id, and counts where an endpoint leads to it. */
      unread?: true;
    }): void => {
      const { service, resourceId, groupId, fqdn, suffix } = name;
      if (!fqdn?.endsWith(`.${suffix}`) || list.some((known) => known.fqdn === fqdn)) return;
      const labels = fqdn.slice(0, -suffix.length - 1);
      const zone = `privatelink.${name.privateSuffix ?? suffix}`;
      const serving = entries.filter((entry) => leadsTo(entry, name.linkTarget ?? resourceId, groupId));
      if (name.unread && serving.length === 0) return;
      const known = serving.flatMap((entry) => addressesAt(entry, { fqdn, service, groupId }));
      list.push({
        fqdn,
        service,
        resourceId,
        groupId,
        expected: known.length > 0 ? known : connectionDetails(valueOf(given.connections) ?? [], service, unreadable),
        zone,
        alias: name.alias ?? `${labels}.${zone}`,
        recordName: name.recordName ?? labels,
        publicAccess: name.unread
          ? "unread"
          : sameText(name.access, "Disabled")
            ? "closed"
            : sameText(name.defaultAction, "Deny")
              ? "selected"
              : name.access
                ? "open"
                : "unstated",
      });
    };

    const toWorkspace = {
      resourceId: home?.id ?? space.id,
      groupId: "amlworkspace",
      access: (home ?? space).properties.publicNetworkAccess,
    };
    if (guid && region) {
      const stem = `${guid}.workspace.${region}`;
      add({
        ...toWorkspace,
        service: "workspace-api",
        fqdn: `${stem}.${cloud.workspaceApi}`,
        suffix: cloud.workspaceApi,
      });
      add({
        ...toWorkspace,
        service: "workspace-cert",
        fqdn: `${stem}.cert.${cloud.workspaceApi}`,
        suffix: cloud.workspaceApi,
      });
    }
    add({
      ...toWorkspace,
      service: "notebooks",
      fqdn: hostOf(home?.properties.notebookInfo?.fqdn),
      suffix: cloud.notebooks,
    });
    for (const each of valueOf(given.onlineEndpoints) ?? []) {
      const fqdn = hostOf(each.endpoint.properties.scoringUri);
      if (onKubernetes(each) || fqdn === undefined || !guid || !region) continue;
      add({
        service: "inference",
        resourceId: each.endpoint.id,
        linkTarget: toWorkspace.resourceId,
        groupId: "amlworkspace",
        fqdn,
        suffix: cloud.inference,
        privateSuffix: cloud.workspaceApi,
        access: each.endpoint.properties.publicNetworkAccess,
        alias: `${fqdn.split(".")[0] ?? ""}.${guid}.inference.${region}.privatelink.${cloud.workspaceApi}`,
        recordName: `*.${guid}.inference.${region}`,
      });
    }
    const vault = valueOf(given.keyVault);
    const vaultId = vault?.id ?? unreadId(given.keyVault, space.properties.keyVault);
    if (vaultId !== undefined) {
      add({
        service: "key-vault",
        resourceId: vaultId,
        groupId: "vault",
        fqdn: hostOf(vault?.properties.vaultUri) ?? `${labelOf(vaultId)}.${cloud.keyVault}`,
        suffix: cloud.keyVault,
        privateSuffix: cloud.keyVaultPrivateLink,
        access: vault?.properties.publicNetworkAccess,
        defaultAction: vault?.properties.networkAcls?.defaultAction,
        ...(vault === undefined ? { unread: true } : {}),
      });
    }
    for (const account of allSeen((valueOf(given.storageAccounts) ?? []).map(({ is }) => is))) {
      for (const service of ["blob", "file", "queue", "table", "dfs"] as const) {
        if (service === "dfs" && account.properties.isHnsEnabled !== true) continue;
        add({
          service,
          resourceId: account.id,
          groupId: service,
          fqdn: hostOf(account.properties.primaryEndpoints?.[service]),
          suffix: `${service}.${cloud.storage}`,
          access: account.properties.publicNetworkAccess,
          defaultAction: account.properties.networkAcls?.defaultAction,
        });
      }
    }
    for (const { id, is } of valueOf(given.storageAccounts) ?? []) {
      if (is.is !== "gap") continue;
      for (const service of ["blob", "file", "queue", "table", "dfs"] as const) {
        const suffix = `${service}.${cloud.storage}`;
        const fqdn = `${labelOf(id)}.${suffix}`;
        add({ service, resourceId: id, groupId: service, fqdn, suffix, access: undefined, unread: true });
      }
    }
    const acr = valueOf(given.registry);
    const acrId = unreadId(given.registry, space.properties.containerRegistry);
    if (acrId !== undefined) {
      const suffix = cloud.registry;
      const fqdn = `${labelOf(acrId)}.${suffix}`;
      add({
        service: "registry",
        resourceId: acrId,
        groupId: "registry",
        fqdn,
        suffix,
        access: undefined,
        unread: true,
      });
    }
    if (acr) {
      const toRegistry = {
        resourceId: acr.id,
        groupId: "registry",
        suffix: cloud.registry,
        access: acr.properties.publicNetworkAccess,
        defaultAction: acr.properties.networkRuleSet?.defaultAction,
      };
      add({ ...toRegistry, service: "registry", fqdn: hostOf(acr.properties.loginServer) });
      for (const data of acr.properties.dataEndpointHostNames ?? [])
        add({ ...toRegistry, service: "registry-data", fqdn: hostOf(data) });
    }
    return seen(list);
  },
});
