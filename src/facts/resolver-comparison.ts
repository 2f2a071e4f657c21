import * as z from "zod";
import { azureDnsAddress } from "../model/cloud.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, gapAt, seen, valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { dnsInfrastructure } from "./dns-infrastructure.ts";
import { networkServers, otherServers } from "./network-servers.ts";
import { networks } from "./networks.ts";
import { leadsIn, paths, pathSchema, type Path } from "./paths.ts";
import { privateZones, type PrivateZone } from "./private-zones.ts";
import { claimedZone } from "./server-denials.ts";
import { vantage } from "./vantage.ts";

const comparisonSchema = z.object({
  /** The first resolver that answers at all, as it is configured, and its address. */
  server: z.string(),
  address: z.string(),
  /** Its virtual network, when that can be told. */
  vnetId: z.string().optional(),
  /** Whether this machine's network and its peerings are known, so that a server in none of them stands elsewhere. */
  surveyed: z.boolean(),
  /** Names that have to be private. */
  asked: z.array(pathSchema),
  /** Those of them that the server does not lead in to. */
  wrong: z.array(pathSchema),
  /** Those of the wrong ones that Azure DNS, asked from here, does lead in to: the measure. */
  proven: z.array(pathSchema),
  /** Those of the wrong ones that Azure DNS does not answer for here, while the private endpoint takes connections. */
  unproven: z.array(pathSchema),
  /** Public suffixes of the blamed names: what a forwarder has to be set for. */
  suffixes: z.array(z.string()),
  /** The DNS servers of this machine's interfaces, else of its network; undefined when they could not be read. */
  configured: z.array(z.string()).optional(),
  /** The DNS servers that this machine ought to ask instead, which are right; none of them: Azure's own. */
  instead: z
    .object({
      servers: z.array(z.string()),
      /** The interface whose setting beats its network's. */
      interfaceId: z.string().optional(),
    })
    .optional(),
  /** The upstream servers of the Azure Firewall whose DNS proxy the server is. */
  proxy: z
    .object({ firewallId: z.string(), ownerId: z.string(), path: z.string(), upstream: z.array(z.string()) })
    .optional(),
  /** Whether the zones of the blamed names are linked to the server's network. */
  linked: z.enum(["yes", "no", "unknown"]),
  zoneIds: z.array(z.string()),
});
export type ResolverComparison = z.infer<typeof comparisonSchema>;

/** The public suffix under which a name is forwarded: what stands behind the resource's own labels. */
function forwardSuffix({ name: { fqdn, service } }: Path): string {
  const own = { "workspace-api": 3, "workspace-cert": 4, notebooks: 2, inference: 2, "registry-data": 3 } as const;
  const labels = service in own ? own[service as keyof typeof own] : 1;
  return fqdn.split(".").slice(labels).join(".");
}

/**
 * The DNS server that this machine gets its answers from beside Azure's own DNS, name by name. Azure DNS answering with the private
 * endpoint's address proves zones, links and records for this network; what differs lies with the server in between.
 * Absent when this machine asks Azure DNS itself, or has no server.
 */
export const resolverComparison = defineFact({
  key: "derived/resolver-comparison",
  needs: {
    paths,
    vantage,
    infrastructure: raw(dnsInfrastructure),
    zones: raw(privateZones),
    networks: raw(networks),
    networkServers: raw(networkServers),
  },
  reads: [],
  schema: comparisonSchema,
  collect({ paths: all, vantage: here, infrastructure, zones, networks: known, networkServers: asides }) {
    if (here.resolvers.is === "gap") return here.resolvers;
    if (infrastructure.is === "gap") return infrastructure;
    const servers = valueOf(infrastructure)?.servers ?? [];
    const used = all[0]?.resolvers[0]?.answer.server;
    const server = servers.find((one) => one.server === used) ?? servers[0];
    if (server === undefined || server.isAzureDns) return absent;
    const asked = all.filter((path) => path.needsPrivate && path.resolvers[0] !== undefined);
    const wrong = asked.filter((path) => {
      const first = path.resolvers[0];
      return first !== undefined && !leadsIn(path, first.relation, first.answer.addresses);
    });
    const silent = (path: Path): boolean => path.resolvers[0]?.answer.outcome !== "answered";
    // A lost packet is no fault: silence counts only when the server answers for no name at all.
    const lost = asked.some((path) => !silent(path)) && wrong.some(silent);
    if (lost && wrong.every(silent)) {
      return gapAt(`dig @${server.server} ${wrong[0]?.name.fqdn ?? ""}`, {
        gap: "timed-out",
        afterMs: wrong[0]?.resolvers[0]?.answer.durationMs ?? 0,
      });
    }
    const counted = lost ? wrong.filter((path) => !silent(path)) : wrong;
    const proven = counted.filter((path) => leadsIn(path, path.azure.relation, path.azure.answer.addresses));
    const unproven = counted.filter(
      (path) =>
        path.azure.relation === "no-answer" &&
        path.reaches.some(
          (reach) =>
            reach.tcp.outcome === "open" && path.name.expected.some(({ address }) => address === reach.address),
        ),
    );
    const blamed = proven.length > 0 ? proven : unproven;
    const ownEntry = here.vnetId === undefined ? undefined : valueOf(known)?.find(({ id }) => sameId(id, here.vnetId));
    const network = valueOf(ownEntry?.network ?? absent);
    const interfaces = valueOf(here.interfaces) ?? [];
    const own = interfaces.flatMap((nic) => nic.properties.dnsSettings?.dnsServers ?? []);
    const ofNetwork = network?.properties.dhcpOptions?.dnsServers ?? [];
    const instead =
      network === undefined || proven.length === 0
        ? undefined
        : otherServers(server.address, interfaces, ofNetwork, valueOf(asides) ?? [], proven);
    const set = server.firewall?.upstream;
    const zoneNames = new Set(blamed.map(({ name }) => name.zone));
    const holding = (valueOf(zones)?.zones ?? []).filter(({ name }) => zoneNames.has(name));
    return seen({
      server: server.server,
      address: server.address,
      ...(server.vnetId === undefined ? {} : { vnetId: server.vnetId }),
      surveyed: here.vnetId === undefined || (network !== undefined && ownEntry?.peerings.is === "value"),
      asked,
      wrong: counted,
      proven,
      unproven,
      suffixes: [...new Set(blamed.map(forwardSuffix))].sort(),
      ...(network === undefined ? {} : { configured: own.length > 0 ? own : ofNetwork }),
      ...(instead === undefined ? {} : { instead }),
      ...(server.firewall && set
        ? { proxy: { firewallId: server.firewall.id, ownerId: set.ownerId, path: set.path, upstream: set.servers } }
        : {}),
      linked: linkedTo(server.vnetId, zoneNames, holding),
      zoneIds: holding.map(({ id }) => id),
    });
  },
});

/** One link that is there shows that links are not what the server lacks. Links that cannot be read, and a server whose network is not known, leave it open. */
function linkedTo(
  vnetId: string | undefined,
  wanted: ReadonlySet<string>,
  holding: readonly PrivateZone[],
): ResolverComparison["linked"] {
  if (vnetId === undefined || holding.length === 0) return "unknown";
  const isLinked = ({ links }: PrivateZone): boolean =>
    (valueOf(links) ?? []).some(
      ({ properties }) =>
        sameId(properties?.virtualNetwork?.id, vnetId) && sameText(properties?.virtualNetworkLinkState, "Completed"),
    );
  // Every wrong name must be explained: one whose zone is linked is wrong for another reason.
  if (holding.some((zone) => wanted.has(zone.name) && isLinked(zone))) return "yes";
  return holding.some(({ links }) => links.is !== "value") ? "unknown" : "no";
}

/** The names that the server is blamed for: those that Azure DNS proves, else those that the endpoint itself does. */
export function blamedNames({ proven, unproven }: ResolverComparison): readonly Path[] {
  return proven.length > 0 ? proven : unproven;
}

/** Whether this machine asks a server that is not its network's: then the server itself is nobody's fault. */
export function asksForeignServer({ instead }: ResolverComparison): boolean {
  return instead !== undefined;
}

/** Whether the server is none of this machine's network, whose own DNS is Azure's. */
export function isForeignServer({ configured, address }: ResolverComparison): boolean {
  return (
    configured !== undefined &&
    !configured.includes(address) &&
    (configured.length === 0 || configured.includes(azureDnsAddress))
  );
}

/** Whether the server is a firewall's DNS proxy that asks somebody else than Azure DNS. */
export function proxiesElsewhere({ proxy }: ResolverComparison): boolean {
  return proxy !== undefined && !proxy.upstream.includes(azureDnsAddress);
}

/** The primary server that Azure writes into the SOA of every private zone, and of no public one. */
const privateZonePrimary = "azureprivatedns.net";

/** Whether the server gets the private zone of a name's alias from Azure DNS, whatever it has of the alias in its cache. */
export function knowsAliasZone({ aliasZone, name }: Path): boolean {
  const soa = aliasZone?.soa;
  return soa?.zone === name.zone && soa.primary === privateZonePrimary;
}

/** Whether the server resolves the `privatelink` aliases of all blamed names privately, and the names themselves not. */
export function forwardsAliasesOnly(comparison: ResolverComparison): boolean {
  const answered = blamedNames(comparison).filter((path) => path.resolvers[0]?.relation !== "no-answer");
  const wrong = new Set(comparison.wrong.map(({ name }) => name.fqdn));
  const right = comparison.asked.filter(({ name }) => !wrong.has(name.fqdn));
  return (
    answered.length > 0 &&
    answered.every(
      (path) =>
        path.alias !== undefined &&
        (leadsIn(path, path.alias.relation, path.alias.answer.addresses) || knowsAliasZone(path)) &&
        // Where the server is right about another public name of the zone, it forwards the suffix that the alias is
        // under as well: it has the alias by that, and lacks the forwarder of this name alone.
        !right.some(({ name }) => name.zone === path.name.zone),
    )
  );
}

/** Whether the server gives no sound answer for any blamed name. */
export function failsOnAll(comparison: ResolverComparison): boolean {
  return blamedNames(comparison).every((path) => path.resolvers[0]?.relation === "no-answer");
}

/** The public suffix that the server, being asked for a name that Azure DNS has right, says it is authoritative for. */
export function claimedZoneOf(comparison: ResolverComparison): string | undefined {
  return blamedNames(comparison).flatMap((path) => claimedZone(path) ?? [])[0];
}
