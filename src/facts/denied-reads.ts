import * as z from "zod";
import { defineFact, raw } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { assetRegistries } from "./asset-registries.ts";
import { attachedMachines } from "./attached-machines.ts";
import { batchEndpoints } from "./batch-endpoints.ts";
import { batchSecurityGroups } from "./batch-security-groups.ts";
import { clusterPrivateEndpoints } from "./cluster-private-endpoints.ts";
import { clusterRoles } from "./cluster-roles.ts";
import { computes } from "./computes.ts";
import { connectedClusters } from "./connected-clusters.ts";
import { databricksWorkspaces } from "./databricks-workspaces.ts";
import { datastores } from "./datastores.ts";
import { diagnosticSettings } from "./diagnostic-settings.ts";
import { dnsInfrastructure } from "./dns-infrastructure.ts";
import { endpointGrants } from "./endpoint-grants.ts";
import { firewalls } from "./firewalls.ts";
import { hub } from "./hub.ts";
import { keyVault } from "./key-vault.ts";
import { kubernetesExtensions } from "./kubernetes-extensions.ts";
import { kubernetesNetworks } from "./kubernetes-networks.ts";
import { legacyModeRefusals } from "./legacy-mode-refusals.ts";
import { linkedResources } from "./linked-resources.ts";
import { managedClusters } from "./managed-clusters.ts";
import { networkRegistrations } from "./network-registrations.ts";
import { networkSecurityGroups } from "./network-security-groups.ts";
import { networks } from "./networks.ts";
import { onlineEndpoints } from "./online-endpoints.ts";
import { outboundRules } from "./outbound-rules.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { privateLinkScopes } from "./private-link-scopes.ts";
import { privateZones } from "./private-zones.ts";
import { registry } from "./registry.ts";
import { roleGrants } from "./role-grants.ts";
import { routeTables } from "./route-tables.ts";
import { serverlessEgress } from "./serverless-egress.ts";
import { serviceEndpointPolicies } from "./service-endpoint-policies.ts";
import { storageAccounts } from "./storage-accounts.ts";
import { subnets } from "./subnets.ts";
import { vantage } from "./vantage.ts";
import { workspaceConnections } from "./workspace-connections.ts";
import { workspaceTemplates } from "./workspace-templates.ts";

const denied = z.object({
  action: z.string(),
  /** The resource, group or subscription where it was refused; absent for what is above them all. */
  scope: z.string().optional(),
});
export type DeniedRead = z.infer<typeof denied>;

/** Reads of Resource Manager that this identity was refused for want of a role, each once, in a stable order. A refusal of
 * a POST is not among them: Reader would not cure it. */
export const deniedReads = defineFact({
  key: "run/denied-reads",
  needs: {
    assetRegistries: raw(assetRegistries),
    attachedMachines: raw(attachedMachines),
    batchEndpoints: raw(batchEndpoints),
    batchSecurityGroups: raw(batchSecurityGroups),
    clusterPrivateEndpoints: raw(clusterPrivateEndpoints),
    clusterRoles: raw(clusterRoles),
    computes: raw(computes),
    connectedClusters: raw(connectedClusters),
    databricksWorkspaces: raw(databricksWorkspaces),
    datastores: raw(datastores),
    diagnosticSettings: raw(diagnosticSettings),
    dnsInfrastructure: raw(dnsInfrastructure),
    endpointGrants: raw(endpointGrants),
    firewalls: raw(firewalls),
    hub: raw(hub),
    keyVault: raw(keyVault),
    kubernetesExtensions: raw(kubernetesExtensions),
    kubernetesNetworks: raw(kubernetesNetworks),
    legacyModeRefusals: raw(legacyModeRefusals),
    linkedResources: raw(linkedResources),
    managedClusters: raw(managedClusters),
    networkRegistrations: raw(networkRegistrations),
    networkSecurityGroups: raw(networkSecurityGroups),
    networks: raw(networks),
    onlineEndpoints: raw(onlineEndpoints),
    outboundRules: raw(outboundRules),
    privateEndpoints: raw(privateEndpoints),
    privateLinkScopes: raw(privateLinkScopes),
    privateZones: raw(privateZones),
    registry: raw(registry),
    roleGrants: raw(roleGrants),
    routeTables: raw(routeTables),
    serverlessEgress: raw(serverlessEgress),
    serviceEndpointPolicies: raw(serviceEndpointPolicies),
    storageAccounts: raw(storageAccounts),
    subnets: raw(subnets),
    vantage: raw(vantage),
    workspaceConnections: raw(workspaceConnections),
    workspaceTemplates: raw(workspaceTemplates),
  },
  reads: [],
  schema: z.array(denied),
  collect(observations) {
    const found = new Map<string, DeniedRead>();
    for (const refusal of refusalsIn(observations, 0)) {
      const key = JSON.stringify([refusal.action.toLowerCase(), refusal.scope?.toLowerCase()]);
      if (!found.has(key)) found.set(key, refusal);
    }
    return seen([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, refusal]) => refusal));
  },
});

/** Parts of a fact can be gaps by themselves, at any depth. */
function refusalsIn(value: unknown, depth: number): DeniedRead[] {
  if (typeof value !== "object" || value === null || depth > 12) return [];
  const { is, gap, status, action, scope, at }: Record<string, unknown> = { ...value };
  if (is !== "gap") return Object.values(value).flatMap((part) => refusalsIn(part, depth + 1));
  if (gap !== "denied" || status !== 403 || typeof action !== "string" || !/^Microsoft\..*\/read$/i.test(action))
    return [];
  const where = typeof scope === "string" ? scope : scopeOf(typeof at === "string" ? at : "");
  return [{ action, ...(where === undefined ? {} : { scope: where }) }];
}

/** The resource of a look-up such as `GET /subscriptions/…`; of a list, what holds it. */
function scopeOf(at: string): string | undefined {
  const path = at.replace(/^[A-Z]+ /, "");
  const parts = path.split("/");
  if (parts[1]?.toLowerCase() !== "subscriptions" || parts[2] === undefined) return undefined;
  const provider = parts.map((part) => part.toLowerCase()).lastIndexOf("providers");
  if (provider < 0) return path;
  const inProvider = parts.length - provider;
  // providers/NAMESPACE/TYPE/NAME is four parts; every further resource two more.
  if (inProvider % 2 === 0) return path;
  return (inProvider === 3 ? parts.slice(0, provider) : parts.slice(0, -1)).join("/");
}
