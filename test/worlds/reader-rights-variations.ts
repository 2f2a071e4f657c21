import type { World } from "../../src/lab/world.ts";
import { azureDns, point, remove } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const workspaces = "Microsoft.MachineLearningServices/workspaces";

function deny(world: World, action: string, scope = `/subscriptions/${world.target.subscriptionId}`): void {
  world.arm.denied.push({ action, scope });
}

/** The service's own diagnosis has this remark. */
function remark(world: World, category: string, code: string, level = "Error"): void {
  for (const { path, body } of world.arm.actions)
    if (path.endsWith("/diagnose"))
      (body as { value: Record<string, unknown[]> }).value[category] = [
        { code, level, message: "It is not resolved." },
      ];
}

const zoneGroup = "/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/rg-dns";

/** The group of the zones may not be read: lists above it leave them out. The registry's zone is not linked. */
function hideZones(world: World): void {
  for (const part of ["", "/virtualNetworkLinks", "/A", "/SOA", "/ALL"])
    deny(world, `Microsoft.Network/privateDnsZones${part}/read`, zoneGroup);
  remove(world, "privatelink.azurecr.io/virtualNetworkLinks/link-spoke");
  for (const [alias, data] of [
    ["acrmlprod.privatelink.azurecr.io", "r0318eus2.eastus2.cloudapp.azure.com"],
    ["acrmlprod.eastus2.data.privatelink.azurecr.io", "d0318eus2.eastus2.cloudapp.azure.com"],
  ] as const) {
    const server = world.dns.servers[azureDns];
    if (server === undefined) continue;
    server.records = server.records.filter(({ name }) => name !== alias);
    server.records.push({ name: alias, type: "CNAME", ttl: 60, data });
  }
}

/** What the identity in use may not see, and what the service sees otherwise than this machine. */
export const readerRightsVariations: readonly Variation[] = [
  {
    story: "the identity has no role on the workspace",
    baseline: "hub-dns",
    change: (world) => deny(world, `${workspaces}/read`),
    roots: [],
    verdict: "inconclusive",
    warns: ["cv-identity-without-role"],
    not: ["rbac-reader-missing", "cv-wrong-tenant"],
  },
  {
    story: "the identity may not read the networks' zones",
    baseline: "hub-dns",
    change: (world) =>
      deny(
        world,
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
        "/subscriptions/00000000-0000-4000-8000-000000000002",
      ),
    roots: [],
    warns: ["rbac-reader-missing"],
    not: ["cv-identity-without-role"],
  },
  {
    story: "a zone is not linked, and the group that holds the zones is left out of every list",
    baseline: "managed-network",
    change: hideZones,
    roots: ["acr-dns-resolves-public"],
    warns: ["rbac-reader-missing"],
    not: ["dns-zone-missing", "dns-zone-not-linked"],
  },
  {
    story: "a zone is not linked, the zones are left out of every list, and no zone group names them",
    baseline: "managed-network",
    change(world) {
      hideZones(world);
      remove(world, "/privateDnsZoneGroups/");
    },
    roots: ["acr-dns-resolves-public"],
    not: ["dns-zone-missing", "dns-zone-not-linked"],
  },
  {
    story: "the identity may do everything but ask for the service's diagnosis",
    baseline: "managed-network",
    change: (world) => deny(world, `${workspaces}/diagnose/action`),
    roots: [],
    not: ["rbac-reader-missing", "cv-diagnose-from-service-vs-vantage"],
  },
  {
    story: "the identity may not read logs, which Reader does not hold",
    baseline: "managed-network",
    change: (world) => deny(world, `${workspaces}/onlineEndpoints/deployments/getLogs/action`),
    roots: [],
    not: ["rbac-reader-missing"],
  },
  {
    story: "the service complains of names that this machine resolves",
    baseline: "managed-network",
    change: (world) => remark(world, "dnsResolutionResults", "DnsResolutionFailed"),
    roots: [],
    warns: ["cv-diagnose-from-service-vs-vantage", "ws-diagnose-findings"],
  },
  {
    story: "the service complains of a key vault that answers this machine",
    baseline: "managed-network",
    change: (world) => remark(world, "keyVaultResults", "KeyVaultNotAccessible"),
    roots: [],
    warns: ["cv-diagnose-from-service-vs-vantage"],
  },
  {
    story: "the service says that the DNS is the customer's own",
    baseline: "managed-network",
    change: (world) => remark(world, "dnsResolutionResults", "CustomDnsInUse", "Warning"),
    roots: [],
    warns: ["ws-diagnose-findings"],
    not: ["cv-diagnose-from-service-vs-vantage"],
  },
  {
    story: "the service is content, and this machine is led astray",
    baseline: "managed-network",
    change: (world) => point(world, azureDns, ".vaultcore.azure.net", "10.9.9.9"),
    roots: [["dns-record-stale", "cv-tcp-443-to-pe-blocked"]],
    warns: ["cv-diagnose-from-service-vs-vantage"],
  },
];
