import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { allSeen, seen, valueOf } from "../model/observation.ts";
import { dnsName, sameText } from "../model/text.ts";
import { keyVault } from "./key-vault.ts";
import { linkConnections, privateEndpoints, type PrivateEndpointEntry } from "./private-endpoints.ts";
import { onKubernetes, onlineEndpoints } from "./online-endpoints.ts";
import { registry } from "./registry.ts";
import { storageAccounts } from "./storage-accounts.ts";
import type { PrivateEndpointConnection } from "./wire.ts";
import { workspace } from "./workspace.ts";
import { workspaceConnections } from "./workspace-connections.ts";

export const services = [
  "workspace-api",
  "workspace-cert",
  "notebooks",
  "inference",
  "key-vault",
  "blob",
  "file",
  "queue",
  "table",
  "dfs",
  "registry",
  "registry-data",
] as const;
export type Service = (typeof services)[number];

const expectedAddress = z.object({
  address: z.string(),
  privateEndpointId: z.string(),
  subnetId: z.string().optional(),
  /** Where the address was read: never from a DNS zone. */
  source: z.enum(["network-interface", "dns-configuration", "connection-details"]),
});
type Expected = z.infer<typeof expectedAddress>;

export const nameSchema = z.object({
  fqdn: z.string(),
  service: z.enum(services),
  /** The resource that answers to the name. */
  resourceId: z.string(),
  /** Private link sub-resource that serves it: `amlworkspace`, `vault`, `blob`, `registry`, … */
  groupId: z.string(),
  /** Addresses that private endpoints have for this name, over all endpoints that can be read. */
  expected: z.array(expectedAddress),
  /** The private DNS zone that the service's alias lives in. */
  zone: z.string(),
  /** The name inside the zone's namespace that the public name is an alias of. */
  alias: z.string(),
  /** The record in the zone that answers for it, `*` for wildcards. */
  recordName: z.string(),
  /**
   * Who may come in by the public address, as the resource itself says: nobody, only listed networks, everybody; or it
   * does not say.
   */
  publicAccess: z.enum(["closed", "selected", "open", "unstated"]),
});
export type Name = z.infer<typeof nameSchema>;

/** The host of a URL or a bare name. */
function hostOf(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  try {
    return dnsName(new URL(url.includes("://") ? url : `https://${url}`).hostname);
  } catch {
    return undefined;
  }
}

/** Whether a name that an interface serves (it may begin with `*.`) covers `fqdn`. */
function covers(served: string, fqdn: string): boolean {
  const name = dnsName(served);
  return (
    name === fqdn ||
    (name.startsWith("*.") && fqdn.endsWith(name.slice(1)) && !fqdn.slice(0, -name.length + 1).includes("."))
  );
}

const memberOf: Partial<Record<Service, string>> = {
  "workspace-api": "default",
  "workspace-cert": "default",
  notebooks: "notebook",
  inference: "inference",
};

/** The addresses that one private endpoint has for a name, from the best source that knows. */
function addressesAt(
  entry: PrivateEndpointEntry,
  name: { fqdn: string; service: Service; groupId: string },
): Expected[] {
  const endpoint = valueOf(entry.endpoint);
  if (endpoint === undefined) return [];
  const subnetId = endpoint.properties.subnet?.id;
  const at = (address: string, source: Expected["source"]) => ({
    address,
    privateEndpointId: entry.id,
    ...(subnetId === undefined ? {} : { subnetId }),
    source,
  });
  const configurations = allSeen(entry.interfaces.map((nic) => nic.is))
    .flatMap((nic) => nic.properties.ipConfigurations ?? [])
    .flatMap(({ properties }) =>
      properties?.privateIPAddress && properties.privateLinkConnectionProperties
        ? [{ address: properties.privateIPAddress, link: properties.privateLinkConnectionProperties }]
        : [],
    )
    .filter(({ link }) => link.groupId?.toLowerCase() === name.groupId.toLowerCase());
  const byName = configurations.filter(({ link }) => (link.fqdns ?? []).some((served) => covers(served, name.fqdn)));
  if (byName.length > 0) return byName.map(({ address }) => at(address, "network-interface"));
  // Before a connection is approved its interface has addresses but no names yet: the member tells which is which.
  const nameless = configurations.filter(({ link }) => (link.fqdns ?? []).length === 0);
  const member = memberOf[name.service] ?? (name.service === "registry-data" ? undefined : name.service);
  const byMember = nameless.filter(({ link }) => {
    const required = link.requiredMemberName?.toLowerCase();
    if (name.service === "registry-data") return required?.startsWith("registry_data") ?? false;
    return (
      required === member ||
      (memberOf[name.service] === undefined && (required === "default" || required === name.groupId.toLowerCase()))
    );
  });
  if (byMember.length > 0) return byMember.map(({ address }) => at(address, "network-interface"));
  return (endpoint.properties.customDnsConfigs ?? [])
    .filter(({ fqdn }) => fqdn && covers(fqdn, name.fqdn))
    .flatMap(({ ipAddresses }) => (ipAddresses ?? []).map((address) => at(address, "dns-configuration")));
}

/** What the workspace itself knows of its connections' addresses, for endpoints whose interfaces cannot be read. */
function connectionDetails(
  connections: readonly PrivateEndpointConnection[],
  service: Service,
  unreadable: ReadonlySet<string>,
): Expected[] {
  const member = memberOf[service];
  if (member === undefined) return [];
  return connections.flatMap((connection) => {
    const endpoint = connection.properties?.privateEndpoint;
    if (!endpoint?.id || !unreadable.has(endpoint.id.toLowerCase())) return [];
    const { id, subnetArmId } = endpoint;
    return (connection.connectionDetails ?? []).flatMap(({ memberName, privateIpAddress }) =>
      memberName?.toLowerCase() === member && privateIpAddress
        ? [
            {
              address: privateIpAddress,
              privateEndpointId: id,
              ...(subnetArmId ? { subnetId: subnetArmId } : {}),
              source: "connection-details" as const,
            },
          ]
        : [],
    );
  });
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
    const guid = space.properties.workspaceId?.toLowerCase();
    const region = space.location?.toLowerCase().replaceAll(" ", "");
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
    }): void => {
      const { service, resourceId, groupId, fqdn, suffix } = name;
      if (!fqdn?.endsWith(`.${suffix}`) || list.some((known) => known.fqdn === fqdn)) return;
      const labels = fqdn.slice(0, -suffix.length - 1);
      const zone = `privatelink.${name.privateSuffix ?? suffix}`;
      const serving = entries.filter((entry) => leadsTo(entry, name.linkTarget ?? resourceId, groupId));
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
        publicAccess: sameText(name.access, "Disabled")
          ? "closed"
          : sameText(name.defaultAction, "Deny")
            ? "selected"
            : name.access
              ? "open"
              : "unstated",
      });
    };

    const toWorkspace = { resourceId: space.id, groupId: "amlworkspace", access: space.properties.publicNetworkAccess };
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
      fqdn: hostOf(space.properties.notebookInfo?.fqdn),
      suffix: cloud.notebooks,
    });
    for (const each of valueOf(given.onlineEndpoints) ?? []) {
      const fqdn = hostOf(each.endpoint.properties.scoringUri);
      if (onKubernetes(each) || fqdn === undefined || !guid || !region) continue;
      add({
        service: "inference",
        resourceId: each.endpoint.id,
        linkTarget: space.id,
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
    if (vault) {
      add({
        service: "key-vault",
        resourceId: vault.id,
        groupId: "vault",
        fqdn: hostOf(vault.properties.vaultUri) ?? `${vault.name.toLowerCase()}.${cloud.keyVault}`,
        suffix: cloud.keyVault,
        privateSuffix: cloud.keyVaultPrivateLink,
        access: vault.properties.publicNetworkAccess,
        defaultAction: vault.properties.networkAcls?.defaultAction,
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
    const acr = valueOf(given.registry);
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

function leadsTo(entry: PrivateEndpointEntry, target: string, groupId: string): boolean {
  const endpoint = valueOf(entry.endpoint);
  return (
    endpoint !== undefined &&
    linkConnections(endpoint).some(
      ({ properties }) =>
        sameId(properties?.privateLinkServiceId, target) &&
        (properties?.groupIds ?? []).some((group) => sameText(group, groupId)),
    )
  );
}
