import type { World } from "../../src/lab/world.ts";
import { add, answerLike, azureDns, forget, hideNetworks, hubDns, publicDns, remove, resource, set } from "./edit.ts";
import { doors, takeAway } from "./edit-dependencies.ts";
import type { Variation } from "./expect-variation.ts";

const firewallDns = "10.0.1.4";
const campusDns = "192.168.53.4";
const inferenceZone = "eastus2.inference.ml.azure.com";

/** Lets the hub's firewall be the DNS of both networks and of this machine, and ask these servers in its turn. */
function firewallProxies(world: World, ...upstream: readonly string[]): void {
  set(world, "/firewallPolicies/fwp-hub", { dnsSettings: { servers: upstream, enableProxy: true } });
  for (const name of ["vnet-hub", "vnet-spoke"])
    set(world, `/virtualNetworks/${name}`, { dhcpOptions: { dnsServers: [firewallDns] } });
  world.vantage.resolvers = [firewallDns];
  world.dns.servers[firewallDns] = {
    records: structuredClone(world.dns.servers[upstream.includes(azureDns) ? azureDns : publicDns]?.records ?? []),
    overrides: [],
  };
}

/** This machine stands outside Azure, on a line that leads to the private endpoints, and asks the campus' DNS server. */
function standOnCampus(world: World): void {
  world.vantage = {
    name: "desk-7",
    addresses: ["192.168.53.20"],
    resolvers: [campusDns],
    environment: {},
    hostsFile: {},
  };
  const { records } = world.dns.servers[hubDns] ?? { records: [] };
  world.dns.servers[campusDns] = { records: structuredClone(records), overrides: [] };
  Reflect.deleteProperty(world.dns.servers, azureDns);
}

/** The hub's server holds a zone of its own for the region's online endpoints, and no endpoint in it but these. */
function claimInference(world: World, ...endpoints: readonly string[]): void {
  const { records } = world.dns.servers[hubDns] ?? { records: [] };
  const soa = "dc01.contoso.example hostmaster.contoso.example 1 900 600 86400 60";
  forget(world, hubDns, inferenceZone);
  world.dns.servers[hubDns]?.records.push(
    { name: inferenceZone, type: "SOA", ttl: 60, data: soa },
    ...endpoints.map((name) => ({ name: `${name}.${inferenceZone}`, type: "A" as const, ttl: 60, data: "10.1.0.7" })),
  );
  if (records.length === 0) throw new Error("the hub has no DNS server");
}

/** The key vault is open to the public; its private endpoint is none of this network's, which holds the zone. */
function vaultElsewhere(world: World): void {
  const zone = world.arm.resources.filter(({ id }) => id.includes(`/privateDnsZones/${doors.vault.zone}`));
  takeAway(world, doors.vault);
  world.arm.resources.push(...zone.filter(({ id }) => !id.includes("/A/")));
  forget(world, azureDns, "kvmlprod.privatelink");
  set(world, doors.vault.target, {
    publicNetworkAccess: "Enabled",
    networkAcls: { bypass: "AzureServices", defaultAction: "Allow", ipRules: [], virtualNetworkRules: [] },
  });
}

/** A private DNS zone under a public suffix, linked to this machine's network, with these addresses; Azure DNS answers out of
 * it instead of leading to the aliases. */
function claimInAzure(world: World, zone: string, records: Readonly<Record<string, string>>): void {
  const id = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network";
  const type = "Microsoft.Network/privateDnsZones";
  const zoneId = `${id}/privateDnsZones/${zone}`;
  const vnet = resource(world, "/virtualNetworks/vnet-spoke").id;
  add(world, { id: zoneId, name: zone, type, location: "global", properties: { provisioningState: "Succeeded" } });
  add(world, {
    id: `${zoneId}/virtualNetworkLinks/to-spoke`,
    name: "to-spoke",
    type: `${type}/virtualNetworkLinks`,
    properties: { virtualNetwork: { id: vnet }, virtualNetworkLinkState: "Completed", registrationEnabled: false },
  });
  forget(world, azureDns, zone);
  for (const [name, ipv4Address] of Object.entries(records)) {
    const properties = { fqdn: `${name}.${zone}.`, ttl: 3600, aRecords: [{ ipv4Address }] };
    add(world, { id: `${zoneId}/A/${name}`, name, type: `${type}/A`, properties });
    world.dns.servers[azureDns]?.records.push({ name: `${name}.${zone}`, type: "A", ttl: 3600, data: ipv4Address });
  }
}

/** Another workspace's private endpoint: it takes connections for every endpoint of the region, and knows its own. */
function strangersEndpoint(world: World, address: string): void {
  const own = world.network.endpoints.find((one) => one.address === "10.1.0.7");
  if (own) world.network.endpoints.push({ ...structuredClone(own), address, http: [{ status: 404, body: "" }] });
}

export const dnsVariations: readonly Variation[] = [
  {
    story: "the firewall's DNS proxy asks a public server",
    baseline: "hub-dns",
    change: (world) => firewallProxies(world, publicDns),
    roots: ["dns-proxy-upstream-not-azure-dns"],
    effects: ["infdns-resolves-public-private-endpoint", "kv-dns-resolves-public"],
    not: ["dns-custom-no-forwarder"],
    fix: [/--dns-servers 168\.63\.129\.16/],
  },
  {
    story: "the firewall's policy inherits the servers of its DNS proxy",
    baseline: "hub-dns",
    change(world) {
      firewallProxies(world, publicDns);
      const policy = resource(world, "/firewallPolicies/fwp-hub");
      const parent = structuredClone(policy);
      parent.id = policy.id.replace("fwp-hub", "fwp-parent");
      add(world, { ...parent, name: "fwp-parent" } as unknown as Parameters<typeof add>[1]);
      delete policy.properties.dnsSettings;
      policy.properties.basePolicy = { id: parent.id };
    },
    roots: ["dns-proxy-upstream-not-azure-dns"],
    not: ["dns-custom-no-forwarder"],
    fix: [/firewall policy update .*--name fwp-parent --dns-servers 168\.63\.129\.16/],
  },
  {
    story: "a firewall without a policy names the servers of its DNS proxy itself",
    baseline: "hub-dns",
    change(world) {
      firewallProxies(world, publicDns);
      remove(world, "/firewallPolicies/fwp-hub");
      const { properties } = resource(world, "/azureFirewalls/fw-hub");
      delete properties.firewallPolicy;
      properties.additionalProperties = {
        "Network.DNS.EnableProxy": "true",
        "Network.DNS.Servers": `${publicDns}, 1.1.1.1`,
      };
    },
    roots: ["dns-proxy-upstream-not-azure-dns"],
    not: ["dns-custom-no-forwarder"],
    fix: [/firewall update .*--name fw-hub --dns-servers 168\.63\.129\.16/],
  },
  {
    story: "a policy's own servers beat those of its parent",
    baseline: "hub-dns",
    change(world) {
      firewallProxies(world, azureDns);
      const policy = resource(world, "/firewallPolicies/fwp-hub");
      const parent = structuredClone(policy);
      parent.id = policy.id.replace("fwp-hub", "fwp-parent");
      parent.properties.dnsSettings = { servers: [publicDns], enableProxy: true };
      add(world, { ...parent, name: "fwp-parent" } as unknown as Parameters<typeof add>[1]);
      policy.properties.basePolicy = { id: parent.id };
    },
    roots: [],
    not: ["dns-proxy-upstream-not-azure-dns", "dns-custom-no-forwarder"],
  },
  {
    story: "the firewall's DNS proxy asks Azure's own DNS",
    baseline: "hub-dns",
    change: (world) => firewallProxies(world, azureDns),
    roots: [],
    not: ["dns-proxy-upstream-not-azure-dns", "dns-custom-no-forwarder", "dns-client-not-using-vnet-dns"],
  },
  {
    story: "this machine asks a public DNS server instead of its network's",
    baseline: "managed-network",
    change: (world) => (world.vantage.resolvers = [publicDns]),
    roots: ["dns-client-not-using-vnet-dns"],
    effects: ["infdns-resolves-public-private-endpoint", "ws-pna-disabled-client-public"],
    not: ["dns-custom-no-forwarder"],
  },
  {
    story: "this machine asks another DNS server than its network's, which knows the private names",
    baseline: "hub-dns",
    change: (world) => (world.vantage.resolvers = [azureDns]),
    roots: [],
    not: ["dns-client-not-using-vnet-dns", "dns-custom-no-forwarder"],
  },
  {
    story: "this machine asks a public DNS server instead of the one that its network sets",
    baseline: "hub-dns",
    change: (world) => (world.vantage.resolvers = [publicDns]),
    roots: ["dns-client-not-using-vnet-dns"],
    effects: ["infdns-resolves-public-private-endpoint", "ws-pna-disabled-client-public"],
    not: ["dns-custom-no-forwarder", "dns-forwarder-privatelink-only"],
  },
  {
    story: "the interface of this machine sets a public DNS server against its network",
    baseline: "managed-network",
    change(world) {
      world.vantage.resolvers = [publicDns];
      set(world, "/networkInterfaces/vm-jump-nic", { dnsSettings: { dnsServers: [publicDns] } });
    },
    roots: ["dns-client-not-using-vnet-dns"],
    not: ["dns-custom-no-forwarder"],
    fix: [/nic update --ids \S+\/networkInterfaces\/vm-jump-nic/],
  },
  {
    story: "the interface of this machine sets the hub's DNS server, which forwards nothing",
    baseline: "hub-dns",
    change(world) {
      set(world, "/virtualNetworks/vnet-spoke", { dhcpOptions: { dnsServers: [] } });
      set(world, "/networkInterfaces/vm-jump-nic", { dnsSettings: { dnsServers: [hubDns] } });
      answerLike(world, hubDns, publicDns);
    },
    roots: ["dns-custom-no-forwarder"],
    not: ["dns-client-not-using-vnet-dns"],
  },
  {
    story: "the hub's server forwards the workspace's names, and those of online endpoints not",
    baseline: "hub-dns",
    change(world) {
      const own = world.dns.servers[hubDns]?.records.find(({ name }) => name === `score1.${inferenceZone}`);
      if (own !== undefined) own.data = "amlinfer-prod-eus2-01.eastus2.cloudapp.azure.com";
    },
    roots: ["infdns-forwarder-missing"],
    effects: ["infdns-resolves-public-private-endpoint"],
    not: ["dns-forwarder-privatelink-only", "dns-custom-no-forwarder"],
    fix: [/inference\.ml\.azure\.com/],
  },
  {
    story: "the DNS server on campus gets no answer from where it forwards to",
    baseline: "hub-dns",
    change(world) {
      standOnCampus(world);
      world.dns.servers[campusDns]?.overrides.push({ name: "*.ms", rcode: "SERVFAIL" });
      const { records = [] } = world.dns.servers[campusDns] ?? {};
      const names = new Set(records.filter(({ type }) => type === "CNAME").map(({ name }) => name));
      for (const name of names) world.dns.servers[campusDns]?.overrides.push({ name, rcode: "SERVFAIL" });
    },
    roots: ["dns-forwarder-queries-168-from-onprem"],
    effects: ["scoring-name-unresolvable"],
    not: ["dns-custom-no-forwarder", "dns-azure-dns-blocked"],
  },
  {
    story: "the DNS server on campus forwards to a resolver in the network, and Azure's own DNS does not answer there",
    baseline: "hub-dns",
    change: standOnCampus,
    roots: [],
    not: ["dns-forwarder-queries-168-from-onprem", "dns-azure-dns-blocked", "cv-client-outside-vnet"],
  },
  {
    story: "the hub's server has a zone of its own for online endpoints, without this one",
    baseline: "hub-dns",
    change: (world) => claimInference(world, "score0"),
    roots: ["dns-split-zone-authoritative"],
    effects: ["scoring-name-unresolvable"],
    not: ["infdns-forwarder-missing", "infdns-a-record-missing", "dns-forwarder-privatelink-only"],
    fix: [/Remove-DnsServerZone.*eastus2\.inference\.ml\.azure\.com/],
  },
  {
    story: "the hub's server has a zone of its own for online endpoints, and this one in it",
    baseline: "hub-dns",
    change: (world) => claimInference(world, "score1"),
    roots: [],
    not: ["dns-split-zone-authoritative", "infdns-wildcard-hijacks-other-workspaces"],
  },
  {
    story: "a private zone of this network claims the suffix of online endpoints, without this one",
    baseline: "managed-network",
    change: (world) => claimInAzure(world, "inference.ml.azure.com", { "score0.eastus2": "10.9.0.7" }),
    roots: ["dns-split-zone-authoritative"],
    effects: ["scoring-name-unresolvable"],
    not: ["infdns-a-record-missing", "dns-zone-missing"],
    fix: [/link vnet delete .*--zone-name inference\.ml\.azure\.com --name to-spoke/],
  },
  {
    story: "a private zone of this network claims the region's online endpoints, and has this one right",
    baseline: "managed-network",
    change: (world) => claimInAzure(world, inferenceZone, { score1: "10.1.0.7" }),
    roots: [],
    not: ["dns-split-zone-authoritative", "infdns-wildcard-hijacks-other-workspaces", "dns-record-stale"],
  },
  {
    story:
      "a private zone of this network claims the region's online endpoints, and has a stranger's address for this one",
    baseline: "managed-network",
    change(world) {
      claimInAzure(world, inferenceZone, { score1: "10.1.6.7" });
      strangersEndpoint(world, "10.1.6.7");
    },
    roots: ["dns-split-zone-authoritative"],
    effects: ["scoring-name-unresolvable"],
    not: ["dns-record-stale", "infdns-wildcard-hijacks-other-workspaces"],
  },
  {
    story: "a private zone claims the region's online endpoints with a stranger's address, and no network may be read",
    baseline: "managed-network",
    change(world) {
      claimInAzure(world, inferenceZone, { score1: "10.1.6.7" });
      strangersEndpoint(world, "10.1.6.7");
      hideNetworks(world);
    },
    roots: ["scoring-name-unresolvable"],
    not: ["dns-record-stale", "dns-split-zone-authoritative"],
  },
  {
    story: "a wildcard in a private zone leads to another workspace, and no network may be read",
    baseline: "managed-network",
    change(world) {
      claimInAzure(world, inferenceZone, { "*": "10.1.6.7" });
      strangersEndpoint(world, "10.1.6.7");
      hideNetworks(world);
    },
    roots: ["infdns-wildcard-hijacks-other-workspaces"],
    not: ["dns-record-stale"],
  },
  {
    story: "a wildcard in a private zone of this network leads the region's online endpoints to another workspace",
    baseline: "managed-network",
    change(world) {
      claimInAzure(world, inferenceZone, { "*": "10.1.6.7" });
      strangersEndpoint(world, "10.1.6.7");
    },
    roots: ["infdns-wildcard-hijacks-other-workspaces"],
    effects: ["scoring-name-unresolvable"],
    not: ["dns-record-stale", "dns-split-zone-authoritative", "oe-traffic-unassigned"],
    fix: [/record-set a delete .*--zone-name eastus2\.inference\.ml\.azure\.com --name '\*'/],
  },
  {
    story: "the record of the registry's data endpoint is missing in the zone",
    baseline: "managed-network",
    change(world) {
      remove(world, "privatelink.azurecr.io/A/acrmlprod.eastus2.data");
      forget(world, azureDns, "acrmlprod.eastus2.data.privatelink");
    },
    roots: ["acr-data-endpoint-dns-missing"],
    effects: ["acr-dns-resolves-public"],
    not: ["acr-no-private-endpoint"],
    fix: [/10\.1\.0\.14/],
  },
  {
    story: "the registry is reached by its login server alone, and the zone's records are complete",
    baseline: "managed-network",
    change: (world) => set(world, "/registries/acrmlprod", { dataEndpointEnabled: false }),
    roots: [],
    not: ["acr-data-endpoint-dns-missing"],
  },
  {
    story: "the key vault's private endpoint has no zone group, and the zone no record",
    baseline: "managed-network",
    change(world) {
      remove(world, "/privateEndpoints/pe-kv/privateDnsZoneGroups");
      remove(world, "privatelink.vaultcore.azure.net/A/kvmlprod");
      forget(world, azureDns, "kvmlprod.privatelink");
    },
    roots: ["pe-dns-zone-group-missing"],
    effects: ["kv-dns-resolves-public"],
    not: ["dns-zone-not-linked", "dns-zone-missing"],
    fix: [/dns-zone-group create/],
  },
  {
    story: "this network is linked to an empty zone of the vault's name, beside the one that the zone group keeps",
    baseline: "managed-network",
    change(world) {
      const id = resource(world, "/privateDnsZones/privatelink.vaultcore.azure.net").id;
      const twin = id.replace("rg-dns", "rg-other");
      const parts = world.arm.resources.filter((one) => one.id === id || one.id.startsWith(`${id}/SOA`));
      for (const one of [...parts, resource(world, `${id}/virtualNetworkLinks/link-spoke`)])
        add(world, { ...structuredClone(one), id: one.id.replace(id, twin) } as Parameters<typeof add>[1]);
      remove(world, `${id}/virtualNetworkLinks/link-spoke`);
      forget(world, azureDns, "kvmlprod.privatelink");
    },
    roots: ["dns-duplicate-zones"],
    effects: ["pe-dns-zone-group-missing", "kv-dns-resolves-public"],
    fix: [/link vnet delete .*--resource-group rg-other .*--name link-spoke --yes/, /link vnet create .*rg-dns/],
  },
  {
    story: "the key vault's private endpoint has no zone group, and its record was made by hand",
    baseline: "managed-network",
    change: (world) => remove(world, "/privateEndpoints/pe-kv/privateDnsZoneGroups"),
    roots: [],
    not: ["pe-dns-zone-group-missing", "kv-dns-resolves-public"],
  },
  {
    story: "the zone's link falls back to the internet, and every record is there",
    baseline: "managed-network",
    change: (world) =>
      set(world, "privatelink.api.azureml.ms/virtualNetworkLinks/link-spoke", { resolutionPolicy: "NxDomainRedirect" }),
    roots: [],
    not: ["dns-nxdomain-redirect", "infdns-a-record-missing"],
  },
  {
    story: "the key vault is open, its private endpoint is elsewhere, and this network's zone denies its name",
    baseline: "managed-network",
    change: vaultElsewhere,
    roots: ["dns-linked-zone-breaks-foreign-resources"],
    not: ["pe-dns-zone-group-missing", "infdns-foreign-workspace-nxdomain"],
    fix: [/NxDomainRedirect/],
  },
  {
    story:
      "the key vault is open, its private endpoint is elsewhere, and this network's zone falls back to the internet",
    baseline: "managed-network",
    change(world) {
      vaultElsewhere(world);
      set(world, "privatelink.vaultcore.azure.net/virtualNetworkLinks/link-spoke", {
        resolutionPolicy: "NxDomainRedirect",
      });
      answerLike(world, azureDns, publicDns, (name) => doors.vault.names.test(name));
      for (const one of world.network.endpoints)
        if (one.address === "20.41.4.99") one.http = [{ status: 401, body: "Unauthorized" }];
    },
    roots: [],
    not: ["dns-linked-zone-breaks-foreign-resources", "dns-nxdomain-redirect"],
  },
];
