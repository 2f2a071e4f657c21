import { applyPatch, parseWorld, type World } from "../../src/lab/world.ts";
import {
  answerLike,
  azureDns,
  baseline,
  forget,
  hubDns,
  point,
  publicDns,
  remove,
  resources,
  type Baseline,
} from "../worlds/edit.ts";

/** One situation that both can make: the lab by an edit of a world, the real servers by which of them is asked. */
export interface Situation {
  readonly story: string;
  /** The program that answers. */
  readonly server: "BIND" | "dnsmasq" | "unbound";
  /** Address of the real server that the machine is configured with. */
  readonly resolver: string;
  /** The network of the real machine, by the view of the Azure resolver that it sees. */
  readonly network: number;
  readonly baseline: Baseline;
  /** Makes the same situation in the lab. */
  change(world: World, resolver: string): void;
}

const guid = "fb7e20a0-8891-458b-b969-55ddb3382f51";
const aliasZone = "privatelink.api.azureml.ms";

/** Names that the real servers know: the workspace's API and the endpoints, with their aliases. */
export function isServed(name: string): boolean {
  return (
    name.startsWith(`${guid}.workspace.eastus.api.`) ||
    /^ep(?:big)?\./.test(name) ||
    isServedAlias(name) ||
    name === aliasZone
  );
}

function isServedAlias(name: string): boolean {
  return name === `${guid}.workspace.eastus.${aliasZone}` || name.endsWith(`.${guid}.inference.eastus.${aliasZone}`);
}

const nothing = (): void => undefined;
/** The name for certificate sign-in, which the real servers do not know: the lab answers it for both. */
const isCertificateName = (name: string): boolean => name.includes(".cert.");
const toPublic = (world: World, server: string): void => {
  answerLike(world, server, publicDns, isServed);
};
/** The server resolves the alias through Azure DNS, and the public name without it. */
const aliasOnly = (world: World, server: string): void => {
  const own = world.dns.servers[server];
  if (own === undefined) throw new Error(`no DNS server ${server}`);
  const isAlias = (name: string): boolean =>
    isServedAlias(name) || (isCertificateName(name) && name.endsWith(aliasZone));
  const aliases = own.records.filter(({ name }) => isAlias(name));
  answerLike(world, server, publicDns, (name) => isServed(name) || isCertificateName(name));
  // The public names go on past the alias, as that server's own upstream would have it.
  for (const record of own.records)
    if (record.type === "CNAME" && !isAlias(record.name) && (isServed(record.name) || isCertificateName(record.name)))
      Object.assign(record, { type: "A", data: record.name.includes("inference") ? publicEndpoint : publicWorkspace });
  own.records = [...own.records.filter(({ name }) => !isAlias(name)), ...aliases];
};
const silent = (world: World, server: string): void => {
  world.dns.servers[server]?.overrides.push({ name: "*", behaviour: "timeout" });
};
const unlink = (world: World, network: string): void => {
  for (const link of resources(world, "Microsoft.Network/privateDnsZones/virtualNetworkLinks"))
    if (link.id.includes(aliasZone) && JSON.stringify(link.properties).includes(network)) remove(world, link.id);
};
const overrideAll = (world: World, server: string, override: { rcode?: string; behaviour?: "udp-timeout" }): void => {
  const own = world.dns.servers[server];
  own?.overrides.push(...own.records.filter(({ name }) => isServed(name)).map(({ name }) => ({ name, ...override })));
};

/** Public addresses of the world. */
const publicWorkspace = "20.62.1.10";
const publicEndpoint = "20.85.1.20";
const direct = { resolver: azureDns, server: "BIND", baseline: "managed-network" } as const;
const hub = { network: 1, baseline: "hub-dns" } as const;

export const situations: readonly Situation[] = [
  { story: "healthy, Azure DNS asked directly", ...direct, network: 1, change: nothing },
  { story: "healthy, right forwarders", ...hub, server: "dnsmasq", resolver: "10.1.1.10", change: nothing },
  { story: "healthy, right forwarders", ...hub, server: "BIND", resolver: "10.1.1.13", change: nothing },
  { story: "healthy, right forwarders", ...hub, server: "unbound", resolver: "10.1.1.14", change: nothing },
  {
    story: "the zone is not linked",
    ...direct,
    network: 2,
    change: (world) => {
      unlink(world, "vnet-spoke");
      answerLike(world, azureDns, publicDns, (name) => isServed(name) || isCertificateName(name));
    },
  },
  { story: "no forwarder", ...hub, server: "dnsmasq", resolver: "10.1.1.11", change: toPublic },
  {
    story: "right forwarders, the server's network is not linked",
    ...hub,
    server: "dnsmasq",
    resolver: "10.2.1.10",
    change: (world, server) => {
      unlink(world, "vnet-hub");
      toPublic(world, server);
    },
  },
  { story: "forwards only privatelink", ...hub, server: "dnsmasq", resolver: "10.1.1.23", change: aliasOnly },
  // These two look up every name of the chain anew, so that the alias alone is enough.
  { story: "forwards only privatelink", ...hub, server: "BIND", resolver: "10.1.1.24", change: nothing },
  { story: "forwards only privatelink", ...hub, server: "unbound", resolver: "10.1.1.25", change: nothing },
  { story: "dead upstream", ...hub, server: "dnsmasq", resolver: "10.1.1.12", change: silent },
  { story: "dead upstream", ...hub, server: "BIND", resolver: "10.1.1.15", change: silent },
  { story: "dead upstream", ...hub, server: "unbound", resolver: "10.1.1.31", change: silent },
  {
    story: "no upstream: refused",
    ...hub,
    server: "dnsmasq",
    resolver: "10.1.1.20",
    change: (world, server) => {
      overrideAll(world, server, { rcode: "REFUSED" });
    },
  },
  {
    story: "the record is missing",
    ...direct,
    network: 3,
    change: (world) => {
      for (const server of [azureDns]) forget(world, server, `.${aliasZone}`);
      for (const record of resources(world, "Microsoft.Network/privateDnsZones/A"))
        if (record.id.includes(aliasZone)) remove(world, record.id);
    },
  },
  {
    story: "the record is stale",
    ...direct,
    network: 5,
    change: (world) => {
      for (const part of [`${guid}.workspace.eastus.${aliasZone}`, `inference.eastus.${aliasZone}`]) {
        point(world, azureDns, part, "10.1.0.99");
        const name = part.slice(0, -aliasZone.length - 1);
        for (const record of resources(world, "Microsoft.Network/privateDnsZones/A"))
          if (record.id.includes(aliasZone) && record.name.endsWith(name))
            record.properties["aRecords"] = [{ ipv4Address: "10.1.0.99" }];
      }
    },
  },
  {
    story: "the hosts file overrides",
    ...hub,
    server: "dnsmasq",
    resolver: "10.1.1.10",
    change: (world) => {
      world.vantage.hostsFile = { "ep.eastus.inference.ml.azure.com": "10.1.0.99" };
    },
  },
  {
    story: "UDP is dropped, TCP answers",
    ...hub,
    server: "dnsmasq",
    resolver: "10.1.1.16",
    change: (world, server) => {
      overrideAll(world, server, { behaviour: "udp-timeout" });
    },
  },
  // A datagram of that size is lost on the way to this machine: the short question gets the mark, TCP all of it.
  {
    story: "the answer is cut short, TCP has all of it",
    ...hub,
    server: "BIND",
    resolver: "10.1.1.18",
    change: manyAddresses,
  },
];

/** An endpoint with sixty addresses: more than a datagram carries. */
function manyAddresses(world: World): void {
  const text = JSON.stringify(world)
    .replaceAll('"ep.eastus', '"epbig.eastus')
    .replaceAll("//ep.eastus", "//epbig.eastus");
  const renamed = parseWorld(text, world.id);
  Object.assign(world, renamed);
  const many = Array.from({ length: 60 }, (_, index) => `10.1.2.${index + 1}`);
  for (const [address, { records, overrides }] of Object.entries(world.dns.servers)) {
    if (address === publicDns) continue;
    const alias = `epbig.${guid}.inference.eastus.${aliasZone}`;
    const chain = records.find(({ name }) => name === "epbig.eastus.inference.ml.azure.com");
    if (chain !== undefined) chain.data = alias;
    records.push(...many.map((data) => ({ name: alias, type: "A", ttl: 10, data })));
    if (address !== azureDns) overrides.push({ name: "epbig.eastus.inference.ml.azure.com", behaviour: "truncate" });
  }
}

/** The world of a situation, in the names and places of the real servers. */
export function worldOf({ baseline: name, resolver, change }: Situation): World {
  const text = JSON.stringify(baseline(name))
    .replaceAll("11112222-3333-4444-8555-666677778888", guid)
    .replaceAll("eastus2", "eastus")
    .replaceAll("score1", "ep")
    .replaceAll("mlprod", "myworkspace")
    .replaceAll(/(?<!\d)10\.0\.0\.4(?!\d)/g, name === "hub-dns" ? resolver : hubDns)
    .replaceAll(/(?<![\d.])10\.0\.(?=\d)/g, "10.2.");
  const world = parseWorld(text, name);
  change(world, resolver);
  return applyPatch(world, {});
}
