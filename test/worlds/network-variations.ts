import type { World } from "../../src/lab/world.ts";
import {
  add,
  answerLike,
  azureDns,
  forget,
  hideNetworks,
  hubDns,
  point,
  publicDns,
  remove,
  resource,
  resources,
  set,
  tcp,
} from "./edit.ts";
import { withoutInference, workspaceConnection } from "./edit-workspace.ts";
import type { Variation } from "./expect-variation.ts";

const privateAddress = (address: string): boolean => address.startsWith("10.1.0.");
/** This machine stands in the hub, beside its DNS server. */
function standInHub(world: World): void {
  const nic = resource(world, "/networkInterfaces/vm-jump-nic").properties as {
    ipConfigurations: { properties: { subnet: { id: string } } }[];
  };
  for (const configuration of nic.ipConfigurations)
    configuration.properties.subnet.id = configuration.properties.subnet.id.replace(
      /vnet-spoke\/subnets\/.*/,
      "vnet-hub/subnets/snet-dns",
    );
}

/** A laptop on the internet, and a workspace that is open to it with closed resources. */
function laptopBeforePublic(world: World): void {
  set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled" });
  set(world, "/onlineEndpoints/score1", { publicNetworkAccess: "Enabled" });
  world.vantage = {
    name: "laptop",
    addresses: ["192.168.1.23"],
    resolvers: [publicDns],
    environment: {},
    hostsFile: {},
  };
  delete world.dns.servers["168.63.129.16"];
  tcp(world, privateAddress, "timeout");
  for (const endpoint of world.network.endpoints) {
    for (const rule of endpoint.http ?? [])
      if (/workspace|notebooks|inference|instances/.test(rule.host ?? "") && rule.status === 403) rule.status = 401;
  }
}

export const networkVariations: readonly Variation[] = [
  {
    story: "v1 legacy mode is on",
    baseline: "managed-network",
    change: (world) => set(world, "/workspaces/mlprod", { v1LegacyMode: true }),
    roots: ["ws-v1-legacy-mode-enabled"],
    fix: [/v1LegacyMode.*false/, /security team/],
  },
  {
    story: "v1 legacy mode is not told: absent is not false, and not true either",
    baseline: "managed-network",
    change: (world) => delete resource(world, "/workspaces/mlprod").properties.v1LegacyMode,
    roots: [],
    verdict: "healthy",
    not: ["ws-v1-legacy-mode-enabled"],
  },
  ...["Pending", "Rejected", "Disconnected", "Timeout"].map((state): Variation => ({
    story: `the workspace's private endpoint connection is ${state}`,
    baseline: "managed-network",
    change: (world) => workspaceConnection(world, state),
    roots: ["pe-connection-not-approved"],
    effects: ["cv-tcp-443-to-pe-blocked"],
    fix: [state === "Pending" ? /approve/ : /recreate/i],
  })),
  {
    story: "the inference record is missing in the zone",
    baseline: "managed-network",
    change(world) {
      remove(world, "/A/*.11112222");
      forget(world, azureDns, "*.11112222");
    },
    roots: ["infdns-a-record-missing"],
    effects: ["scoring-name-unresolvable"],
    not: ["pe-inference-member-missing"],
    fix: [/10\.1\.0\.7/],
  },
  {
    story: "the workspace's records are missing in the zone",
    baseline: "managed-network",
    change(world) {
      remove(world, "/A/11112222-3333-4444-8555-666677778888.workspace");
      forget(world, azureDns, "workspace.eastus2.privatelink");
      forget(world, azureDns, "cert.privatelink");
    },
    roots: ["dns-record-missing-workspace"],
    effects: ["ws-pna-disabled-client-public"],
  },
  {
    story: "the notebooks' record is missing in the zone",
    baseline: "managed-network",
    change(world) {
      remove(world, "privatelink.notebooks.azure.net/A/");
      world.dns.servers[azureDns]?.records.splice(
        0,
        world.dns.servers[azureDns].records.length,
        ...world.dns.servers[azureDns].records.filter(
          ({ name, type }) => !(type === "A" && name.includes("notebooks")),
        ),
      );
    },
    roots: ["dns-record-missing-notebooks"],
  },
  {
    story: "the zone of the workspace is not linked to this network",
    baseline: "managed-network",
    change(world) {
      remove(world, "privatelink.api.azureml.ms/virtualNetworkLinks/link-spoke");
      answerLike(world, azureDns, publicDns, (name) => /azureml\.ms|inference|trafficmanager|cloudapp/.test(name));
    },
    roots: ["dns-zone-not-linked"],
    effects: ["infdns-resolves-public-private-endpoint", "ws-pna-disabled-client-public"],
    not: ["dns-record-missing-workspace"],
    fix: [/link vnet create/],
  },
  {
    story: "the link of the zone is still in progress",
    baseline: "managed-network",
    change(world) {
      set(world, "privatelink.api.azureml.ms/virtualNetworkLinks/link-spoke", {
        virtualNetworkLinkState: "InProgress",
      });
      answerLike(world, azureDns, publicDns, (name) => /azureml\.ms|inference|trafficmanager|cloudapp/.test(name));
    },
    roots: ["dns-zone-not-linked"],
  },
  {
    story: "the notebooks zone does not exist",
    baseline: "managed-network",
    change(world) {
      remove(world, "privateDnsZones/privatelink.notebooks.azure.net");
      answerLike(world, azureDns, publicDns, (name) => /notebooks|aznb/.test(name));
    },
    roots: ["dns-zone-missing"],
    not: ["dns-record-missing-notebooks"],
  },
  {
    story: "the notebooks zone cannot be read: it is not called missing",
    baseline: "managed-network",
    change(world) {
      world.arm.denied.push({
        action: "Microsoft.Network/privateDnsZones/*",
        scope: "/subscriptions/00000000-0000-4000-8000-000000000002",
      });
      answerLike(world, azureDns, publicDns, (name) => /notebooks|aznb/.test(name));
    },
    roots: ["ws-pna-disabled-client-public"],
  },
  {
    story: "the custom DNS server forwards nothing",
    baseline: "hub-dns",
    change: (world) => answerLike(world, hubDns, publicDns),
    roots: ["dns-custom-no-forwarder"],
    effects: [
      "infdns-resolves-public-private-endpoint",
      "ws-pna-disabled-client-public",
      "kv-dns-resolves-public",
      "st-dns-resolves-public",
      "acr-dns-resolves-public",
    ],
    not: ["dns-zone-not-linked-to-resolver-vnet", "cv-tcp-443-to-pe-blocked"],
    fix: [/168\.63\.129\.16/, /inference\.ml\.azure\.com/, /vault\.azure\.net/],
  },
  {
    story: "the custom DNS server forwards everything but inference",
    baseline: "hub-dns",
    change: (world) => answerLike(world, hubDns, publicDns, (name) => /inference|amlinfer/.test(name)),
    roots: ["infdns-forwarder-missing"],
    effects: ["infdns-resolves-public-private-endpoint"],
    fix: [/inference\.ml\.azure\.com/],
  },
  {
    story: "the custom DNS server's network is not linked to the zones",
    baseline: "hub-dns",
    change(world) {
      remove(world, "/virtualNetworkLinks/link-hub");
      answerLike(world, hubDns, publicDns);
    },
    roots: ["dns-zone-not-linked-to-resolver-vnet"],
    fix: [/link vnet create.*vnet-hub/s],
  },
  {
    story: "the custom DNS server answers publicly, and nobody may read which networks the zones are linked to",
    baseline: "hub-dns",
    change(world) {
      answerLike(world, hubDns, publicDns);
      world.arm.denied.push({ action: "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", scope: "/" });
    },
    roots: ["ws-pna-disabled-client-public"],
    // A server whose fault is not decided stands for all that it answers.
    verdict: "unhealthy",
    effects: ["st-dns-resolves-public", "infdns-resolves-public-private-endpoint", "kv-dns-resolves-public"],
    candidates: ["dns-custom-no-forwarder", "dns-zone-not-linked-to-resolver-vnet"],
    not: ["dns-custom-no-forwarder", "dns-zone-not-linked-to-resolver-vnet"],
  },
  {
    story: "the custom DNS server's network is not linked to the zones and may not be read itself",
    baseline: "hub-dns",
    change(world) {
      remove(world, "/virtualNetworkLinks/link-hub");
      answerLike(world, hubDns, publicDns);
      for (const { id } of resources(world, "Microsoft.Network/virtualNetworks"))
        if (id.endsWith("/vnet-hub"))
          world.arm.denied.push({ action: "Microsoft.Network/virtualNetworks/read", scope: id });
    },
    roots: ["dns-zone-not-linked-to-resolver-vnet"],
  },
  {
    story: "the custom DNS server's network is not linked to the zones, and no network may be read",
    baseline: "hub-dns",
    change(world) {
      remove(world, "/virtualNetworkLinks/link-hub");
      answerLike(world, hubDns, publicDns);
      for (const read of ["read", "virtualNetworkPeerings/read"])
        world.arm.denied.push({ action: `Microsoft.Network/virtualNetworks/${read}`, scope: "/" });
    },
    roots: ["ws-pna-disabled-client-public"],
    // A server whose fault is not decided stands for all that it answers.
    verdict: "unhealthy",
    candidates: ["dns-custom-no-forwarder", "dns-zone-not-linked-to-resolver-vnet"],
    not: ["dns-custom-no-forwarder"],
  },
  {
    story: "the custom DNS server forwards privatelink names alone",
    baseline: "hub-dns",
    change(world) {
      const privately = new Map(
        (world.dns.servers[hubDns]?.records ?? [])
          .filter(({ name }) => name.includes("privatelink"))
          .map((record) => [`${record.name} ${record.type}`, { ...record }]),
      );
      answerLike(world, hubDns, publicDns);
      const records = world.dns.servers[hubDns]?.records ?? [];
      const targets = new Map(
        records
          .filter(({ name, type }) => name.includes("privatelink") && type === "CNAME")
          .map(({ name, data }) => [name, data]),
      );
      for (const record of records)
        if (record.type === "CNAME" && targets.has(record.data)) record.data = targets.get(record.data) ?? record.data;
      world.dns.servers[hubDns]?.records.splice(
        0,
        records.length,
        ...records.filter(({ name }) => !name.includes("privatelink")),
        ...privately.values(),
      );
    },
    roots: ["dns-forwarder-privatelink-only"],
  },
  {
    story: "the custom DNS server fails on the forwarded names",
    baseline: "hub-dns",
    change: (world) => world.dns.servers[hubDns]?.overrides.push({ name: "*", rcode: "SERVFAIL" }),
    roots: [["dns-forwarder-queries-168-from-onprem", "dns-custom-no-forwarder"]],
  },
  {
    story: "the hosts file sends the scoring name to an old address",
    baseline: "managed-network",
    change: (world) => (world.vantage.hostsFile = { "score1.eastus2.inference.ml.azure.com": "10.1.0.99" }),
    roots: ["dns-hosts-file-override"],
    effects: ["scoring-name-unresolvable"],
  },
  {
    story: "the hosts file has the right address: not a fault",
    baseline: "managed-network",
    change: (world) => (world.vantage.hostsFile = { "score1.eastus2.inference.ml.azure.com": "10.1.0.7" }),
    roots: [],
    verdict: "healthy",
  },
  {
    story: "the vault's record holds an address of yesterday",
    baseline: "managed-network",
    change(world) {
      point(world, azureDns, "kvmlprod", "10.1.0.99");
      set(world, "privatelink.vaultcore.azure.net/A/kvmlprod", { aRecords: [{ ipv4Address: "10.1.0.99" }] });
    },
    roots: ["dns-record-stale"],
    effects: ["kv-dns-resolves-public"],
    fix: [/10\.1\.0\.12/],
  },
  {
    story: "a firewall drops port 443 to every private endpoint",
    baseline: "managed-network",
    change: (world) => tcp(world, privateAddress, "timeout"),
    roots: ["cv-tcp-443-to-pe-blocked"],
    once: ["cv-tcp-443-to-pe-blocked"],
    not: [
      "cv-peering-or-connectivity-missing",
      "pe-not-reachable-from-client-vnet",
      "ws-pna-disabled-client-public",
      "infdns-resolves-public-private-endpoint",
      "scoring-name-unresolvable",
    ],
  },
  {
    story: "a firewall drops port 443 to every private endpoint, and no network may be read",
    baseline: "managed-network",
    change(world) {
      tcp(world, privateAddress, "timeout");
      hideNetworks(world);
    },
    roots: ["cv-tcp-443-to-pe-blocked"],
    once: ["cv-tcp-443-to-pe-blocked"],
  },
  {
    story: "this machine is a laptop on the internet",
    baseline: "managed-network",
    change(world) {
      world.vantage = {
        name: "laptop",
        addresses: ["192.168.1.23"],
        resolvers: [publicDns],
        environment: {},
        hostsFile: {},
      };
      delete world.dns.servers["168.63.129.16"];
      tcp(world, privateAddress, "timeout");
    },
    roots: ["cv-client-outside-vnet"],
    effects: ["ws-pna-disabled-client-public", "infdns-resolves-public-private-endpoint"],
  },
  {
    story: "the peering between this machine's network and the endpoints' is gone",
    baseline: "hub-dns",
    change(world) {
      standInHub(world);
      for (const peering of resources(world, "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"))
        peering.properties.peeringState = "Disconnected";
      tcp(world, privateAddress, "timeout");
    },
    roots: ["cv-peering-or-connectivity-missing"],
    effects: ["pe-not-reachable-from-client-vnet", "cv-tcp-443-to-pe-blocked"],
    fix: [/peering delete --ids \S+\/vnet-hub\/virtualNetworkPeerings\/to-spoke/, /peering create/],
  },
  {
    story: "the peering between this machine's network and the endpoints' is closed to virtual networks",
    baseline: "hub-dns",
    change(world) {
      standInHub(world);
      for (const peering of resources(world, "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"))
        peering.properties.allowVirtualNetworkAccess = false;
      tcp(world, privateAddress, "timeout");
    },
    roots: ["cv-peering-or-connectivity-missing"],
    effects: ["pe-not-reachable-from-client-vnet", "cv-tcp-443-to-pe-blocked"],
    fix: [/peering update --ids \S+ --set allowVirtualNetworkAccess=true/],
  },
  {
    story: "the private endpoint has no inference member",
    baseline: "managed-network",
    change: withoutInference,
    roots: ["pe-inference-member-missing"],
  },
  {
    story: "an inspecting device replaces certificates",
    baseline: "managed-network",
    change(world) {
      for (const endpoint of world.network.endpoints) if (endpoint.tls) endpoint.tls.issuer = "corporate-ca";
    },
    roots: ["cv-tls-inspection"],
    not: ["scoring-tls-name-mismatch"],
  },
  {
    story: "the scoring address presents a certificate for other names",
    baseline: "managed-network",
    change(world) {
      for (const endpoint of world.network.endpoints)
        if (endpoint.address === "10.1.0.7" && endpoint.tls) endpoint.tls.names = ["gateway.contoso.example"];
    },
    roots: ["scoring-tls-name-mismatch"],
    not: ["cv-tls-inspection"],
  },
  {
    story: "a proxy in the environment refuses the workspace's names",
    baseline: "managed-network",
    change(world) {
      world.vantage.environment = {
        HTTPS_PROXY: "http://10.0.0.50:3128",
        NO_PROXY: "management.azure.com,login.microsoftonline.com,localhost,127.0.0.1",
      };
      world.network.proxy = { address: "10.0.0.50", port: 3128, connect: [{ host: "*", outcome: "403" }] };
    },
    roots: ["cv-proxy-in-path"],
    fix: [/NO_PROXY/],
  },
  {
    story: "a device on the way replaces the certificates of storage alone",
    baseline: "managed-network",
    change(world) {
      for (const endpoint of world.network.endpoints)
        if (/^10\.1\.0\.1[01]$/.test(endpoint.address) && endpoint.tls) endpoint.tls.issuer = "corporate-ca";
    },
    roots: ["cv-tls-inspection"],
    once: ["cv-tls-inspection"],
    not: ["scoring-tls-name-mismatch"],
  },
  {
    story: "a proxy in the environment stands inside the network and reaches the private endpoints",
    baseline: "managed-network",
    change(world) {
      world.vantage.environment = { HTTPS_PROXY: "http://10.0.0.50:3128" };
      const { records = [] } = world.dns.servers[azureDns] ?? {};
      const addressOf = (name: string): string | undefined => {
        const to = records.find((record) => record.name === name) ?? inZone(name);
        return to?.type === "CNAME" ? addressOf(to.data) : to?.data;
      };
      const inZone = (name: string) =>
        records.find((record) => record.name === `*.${name.split(".").slice(1).join(".")}`);
      const hosts = records.filter(({ name, type }) => type === "CNAME" || !name.includes("privatelink"));
      const connect = hosts.map(({ name }) => ({ host: name, outcome: `${addressOf(name) ?? ""}:443` }));
      world.network.proxy = { address: "10.0.0.50", port: 3128, connect };
    },
    roots: [],
    not: ["cv-proxy-in-path"],
  },
  {
    story: "a proxy in the environment reaches the services at their public addresses alone",
    baseline: "managed-network",
    change(world) {
      world.vantage.environment = { HTTPS_PROXY: "http://10.0.0.50:3128" };
      const { records = [] } = world.dns.servers[publicDns] ?? {};
      const addressOf = (name: string): string | undefined => {
        const to = records.find((record) => record.name === name);
        return to?.type === "CNAME" ? addressOf(to.data) : to?.data;
      };
      const connect = records.map(({ name }) => ({ host: name, outcome: `${addressOf(name) ?? ""}:443` }));
      world.network.proxy = { address: "10.0.0.50", port: 3128, connect };
    },
    roots: ["cv-proxy-in-path"],
    fix: [/NO_PROXY.*stmlprod\.queue\.core\.windows\.net/],
  },
  {
    story: "this network is linked to a twin of the zone that has no records",
    baseline: "managed-network",
    change(world) {
      const zone = resource(world, "/privateDnsZones/privatelink.api.azureml.ms");
      const twin = zone.id.replace("rg-dns", "rg-old-dns");
      add(world, { ...structuredClone(zone), id: twin, type: "Microsoft.Network/privateDnsZones" });
      const link = resource(world, "privatelink.api.azureml.ms/virtualNetworkLinks/link-spoke");
      link.id = link.id.replace("rg-dns", "rg-old-dns");
      for (const name of ["*.11112222", "workspace.eastus2.privatelink", "cert.privatelink"])
        forget(world, azureDns, name);
    },
    roots: ["dns-duplicate-zones"],
    effects: ["scoring-name-unresolvable"],
  },
  {
    story: "the record is missing and the link falls back to the internet",
    baseline: "managed-network",
    change(world) {
      remove(world, "/A/*.11112222");
      set(world, "privatelink.api.azureml.ms/virtualNetworkLinks/link-spoke", { resolutionPolicy: "NxDomainRedirect" });
      forget(world, azureDns, "*.11112222");
      answerLike(world, azureDns, publicDns, (name) => /score1|amlinfer/.test(name));
    },
    roots: ["infdns-a-record-missing"],
    effects: ["infdns-resolves-public-private-endpoint"],
    warns: ["dns-nxdomain-redirect"],
  },
  {
    story: "the first of two DNS servers is dead: slow, not broken",
    baseline: "hub-dns",
    change: (world) => (world.vantage.resolvers = ["10.0.0.250", hubDns]),
    roots: [],
    verdict: "healthy",
  },
  {
    story:
      "a public workspace with private resources, used from a laptop: the resources are the workspace's own business",
    baseline: "managed-network",
    change: laptopBeforePublic,
    roots: [],
    verdict: "healthy",
  },
  {
    story: "a laptop before a public workspace with private resources, and no network may be read",
    baseline: "managed-network",
    change(world) {
      laptopBeforePublic(world);
      hideNetworks(world);
    },
    roots: [],
    verdict: "inconclusive",
    not: ["st-firewall-blocks-client", "kv-firewall-blocks-client"],
  },
  {
    story: "two faults at once: nothing forwarded, and the workspace's connection pending",
    baseline: "hub-dns",
    change(world) {
      answerLike(world, hubDns, publicDns);
      workspaceConnection(world, "Pending");
    },
    roots: ["dns-custom-no-forwarder", "pe-connection-not-approved"],
  },
  ...(["managed-network", "hub-dns", "customer-network", "public", "kubernetes"] as const).map((name): Variation => ({
    story: `the baseline ${name} as it is`,
    baseline: name,
    change: () => undefined,
    roots: [],
    verdict: "healthy",
  })),
];
