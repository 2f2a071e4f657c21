import type { DnsPort } from "../../src/model/ports.ts";
import { resource } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const scoringName = "score1.eastus2.inference.ml.azure.com";

/** The system itself, unlike every DNS server, still takes the scoring name for these addresses. */
function remembers(...addresses: readonly string[]): (dns: DnsPort) => DnsPort {
  return (dns) => ({
    query: (question) => dns.query(question),
    lookup: async (name) => (name === scoringName ? { name, addresses } : dns.lookup(name)),
  });
}

/** What can be wrong with this machine itself: its cloud, what it remembers, where it stands. */
export const clientVariations: readonly Variation[] = [
  {
    story: "the system still uses the public address of before the private endpoint",
    baseline: "managed-network",
    change: () => undefined,
    dns: remembers("20.85.1.20"),
    roots: ["dns-client-cache-stale"],
    effects: ["infdns-resolves-public-private-endpoint"],
    not: ["dns-hosts-file-override", "dns-record-stale"],
    fix: [/flush-caches/],
  },
  {
    story: "the system gives one address of its own, and it is the private endpoint's",
    baseline: "managed-network",
    change: () => undefined,
    dns: remembers("10.1.0.7"),
    roots: [],
    not: ["dns-client-cache-stale"],
  },
  {
    story: "the workspace is looked for with the names of another cloud",
    baseline: "public",
    change: (world) => (world.cloud = "AzureUSGovernment"),
    roots: ["cv-cloud-mismatch"],
    fix: [/az cloud set --name AzureCloud/],
  },
  {
    story: "the workspace's region is spelled with spaces",
    baseline: "public",
    change: (world) => Object.assign(resource(world, "/workspaces/mlprod"), { location: "East US 2" }),
    roots: [],
    not: ["cv-cloud-mismatch"],
  },
];
