import type { World } from "../../src/lab/world.ts";
import { add, hubDns, remove, resource, resources, set } from "./edit.ts";
import { networkProvider, subnet } from "./edit-networks.ts";
import type { Variation } from "./expect-variation.ts";

const workspace = "/workspaces/mlprod";
const instanceName = "ci1.eastus2.instances.azureml.ms";

/** A machine's first interface has a public address. */
function expose(world: World, nic: string): void {
  const [first] = resource(world, `/networkInterfaces/${nic}`).properties.ipConfigurations as {
    properties: Record<string, unknown>;
  }[];
  if (first === undefined) throw new Error(`${nic} has no address`);
  first.properties.publicIPAddress = { id: `${networkProvider}/publicIPAddresses/pip-${nic}` };
}

/** The peering between the hub and the spoke is broken. */
function unpeer(world: World): void {
  for (const { properties } of resources(world, "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"))
    properties.peeringState = "Disconnected";
}

/** A zone of the same name stands elsewhere, without records and without links to the networks here. */
function twinZone(world: World): void {
  const zone = structuredClone(resource(world, "/privateDnsZones/privatelink.api.azureml.ms"));
  add(world, { ...zone, id: zone.id.replace("rg-dns", "rg-lab-dns"), type: "Microsoft.Network/privateDnsZones" });
}

/** A proxy that refuses everything stands in the environment, with these exceptions. */
function refusingProxy(world: World, exceptions: string): void {
  world.vantage.environment = { HTTPS_PROXY: "http://10.0.0.50:3128", NO_PROXY: exceptions };
  world.network.proxy = { address: "10.0.0.50", port: 3128, connect: [{ host: "*", outcome: "403" }] };
}

/** Many machines stand in a subnet. */
function fill(world: World, name: string, count: number): void {
  const ipConfigurations = Array.from({ length: count }, (_, index) => ({
    id: `${networkProvider}/networkInterfaces/vm-${index}-nic/ipConfigurations/ipconfig1`,
  }));
  subnet(world, name, { ipConfigurations });
}

/** Estates that look as if something were wrong with this machine, its networks or the workspace, and are sound. */
export const placeLookAlikeVariations: readonly Variation[] = [
  {
    story: "another machine than this one has a public address",
    baseline: "hub-dns",
    change: (world) => expose(world, "vm-dns-nic"),
    roots: [],
    not: ["cv-jumpbox-setup"],
  },
  {
    story: "the peering with a network is broken that nothing goes to",
    baseline: "managed-network",
    change: unpeer,
    roots: [],
    not: [
      "cv-peering-or-connectivity-missing",
      "pe-not-reachable-from-client-vnet",
      "ws-dependencies-different-vnet",
      "ws-multiple-pe-vnets-missing-deps",
    ],
  },
  {
    story: "the workspace is old, and its private endpoint has an address for online endpoints",
    baseline: "managed-network",
    change: (world) => set(world, workspace, { creationTime: "2021-06-01T00:00:00Z" }),
    roots: [],
    not: ["pe-predates-2022-05-24", "pe-inference-member-missing"],
  },
  {
    story: "a twin of the zone without records is not linked to this network",
    baseline: "managed-network",
    change: twinZone,
    roots: [],
    not: ["dns-duplicate-zones", "infdns-a-record-missing"],
  },
  {
    story: "the hub's server resolves publicly an instance that is gone",
    baseline: "hub-dns",
    change(world) {
      remove(world, "/computes/ci1");
      const server = world.dns.servers[hubDns];
      if (server === undefined) throw new Error("the hub has no DNS server");
      server.records = server.records.filter(({ name }) => name !== instanceName);
      server.records.push({ name: instanceName, type: "A", ttl: 60, data: "20.62.1.10" });
    },
    roots: [],
    not: ["dns-compute-instance-fqdn"],
  },
  {
    story: "a proxy in the environment refuses everything, and the workspace's names go around it",
    baseline: "managed-network",
    change: (world) =>
      refusingProxy(
        world,
        ".azureml.ms,.azure.com,.azure.net,.windows.net,.azurecr.io,.microsoftonline.com,localhost,127.0.0.1",
      ),
    roots: [],
    not: ["cv-proxy-in-path"],
  },
  {
    story: "the subnet of this machine is full, and not that of the private endpoints",
    baseline: "managed-network",
    change(world) {
      subnet(world, "snet-jump", { addressPrefix: "10.1.1.0/28" });
      fill(world, "snet-jump", 11);
    },
    roots: [],
    not: ["pe-subnet-exhausted"],
  },
  {
    story: "the network of the computes begins where Docker's ends",
    baseline: "customer-network",
    change(world) {
      set(world, "/virtualNetworks/vnet-spoke", {
        addressSpace: { addressPrefixes: ["10.1.0.0/16", "172.18.0.0/24"] },
      });
      subnet(world, "snet-compute", { addressPrefix: "172.18.0.0/24" });
    },
    roots: [],
    not: ["ws-vnet-address-conflict"],
  },
  {
    story: "the two settings for public access agree, in other letters",
    baseline: "managed-network",
    change: (world) =>
      set(world, workspace, { publicNetworkAccess: "disabled", allowPublicAccessWhenBehindVnet: false }),
    roots: [],
    not: ["ws-access-flags-conflict", "ws-public-access-posture"],
  },
  {
    story: "the closed workspace still has a list of addresses, and its endpoint is closed too",
    baseline: "managed-network",
    change: (world) => set(world, workspace, { ipAllowlist: ["203.0.113.0/24"] }),
    roots: [],
    not: ["ws-pna-selected-ips-endpoint-matrix", "ws-pna-selected-ips-client-missing"],
  },
  {
    story: "the key vault may not be read",
    baseline: "managed-network",
    change: (world) =>
      world.arm.denied.push({
        action: "Microsoft.KeyVault/vaults/read",
        scope: resource(world, "/vaults/kvmlprod").id,
      }),
    roots: [],
    verdict: "inconclusive",
    not: ["ws-provisioning-or-missing-dependency"],
  },
];
