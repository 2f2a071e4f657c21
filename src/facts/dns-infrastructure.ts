import * as z from "zod";
import { inAnyPrefix, serverAddress } from "../model/address.ts";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { azureDnsAddress } from "../model/cloud.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, allSeen, seen, valueOf } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { eachOf, getAs, listAs, observationOf, uniqueIds } from "./arm-read.ts";
import { networks, type NetworkEntry } from "./networks.ts";
import { subResource, text } from "./wire.ts";
import { resolverServers, vantage } from "./vantage.ts";

const firewallSchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({
    ipConfigurations: z.array(z.object({ properties: z.object({ privateIPAddress: text }).nullish() })).nullish(),
    firewallPolicy: subResource.nullish(),
    /** Where a firewall without a policy keeps its DNS settings. */
    additionalProperties: z.record(z.string(), z.unknown()).nullish(),
  }),
});

const policySchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({
    basePolicy: subResource.nullish(),
    dnsSettings: z.object({ servers: z.array(z.string()).nullish(), enableProxy: z.boolean().nullish() }).nullish(),
    transportSecurity: z.object({ certificateAuthority: z.object({ name: text }).nullish() }).nullish(),
  }),
});

const serverSchema = z.object({
  server: z.string(),
  address: z.string(),
  isAzureDns: z.boolean(),
  /** The virtual network whose address space holds the server, when exactly one of those that are known does. */
  vnetId: z.string().optional(),
  /** Set when the server's address is that of an Azure Firewall. */
  firewall: z
    .object({
      id: z.string(),
      policy: observationOf(policySchema),
      /** The servers that its DNS proxy asks, when they are set at all, and where: the firewall, its policy, or the policy's parent. */
      upstream: z.object({ ownerId: z.string(), path: z.string(), servers: z.array(z.string()) }).optional(),
    })
    .optional(),
});
export type DnsServer = z.infer<typeof serverSchema>;

type FirewallPolicy = z.infer<typeof policySchema>;

/** What the policy, or the one that it inherits from, has the DNS proxy ask; nothing when that is left to Azure. */
async function policyUpstream(context: Context, policy: FirewallPolicy) {
  const inherits = policy.properties.dnsSettings ? undefined : policy.properties.basePolicy?.id;
  const base = inherits === undefined ? absent : await getAs(context, inherits, apiVersions.network, policySchema);
  const owner = valueOf(base) ?? policy;
  return upstreamOf(owner.id, "properties.dnsSettings.servers", owner.properties.dnsSettings?.servers ?? []);
}

const classicServers = "Network.DNS.Servers";

function classicUpstream({ id, properties }: z.infer<typeof firewallSchema>) {
  const servers = properties.additionalProperties?.[classicServers];
  const each = typeof servers === "string" ? servers.split(",").map((server) => server.trim()) : [];
  return upstreamOf(
    id,
    `properties.additionalProperties["${classicServers}"]`,
    each.filter((server) => server !== ""),
  );
}

const upstreamOf = (ownerId: string, path: string, servers: string[]) =>
  servers.length === 0 ? {} : { upstream: { ownerId, path, servers } };

/** The address spaces of networks, those that cannot be read as the peerings with them tell. */
function addressSpaces(known: readonly NetworkEntry[]): { id: string; prefixes: readonly string[] }[] {
  const own = allSeen(known.map(({ network }) => network)).map(({ id, properties }) => ({
    id,
    prefixes: properties.addressSpace?.addressPrefixes ?? [],
  }));
  const remote = allSeen(known.map(({ peerings }) => peerings))
    .flat()
    .flatMap(({ properties }) => {
      const id = properties?.remoteVirtualNetwork?.id;
      return id ? [{ id, prefixes: properties.remoteAddressSpace?.addressPrefixes ?? [] }] : [];
    })
    .filter(({ id }) => !own.some((network) => sameId(network.id, id)));
  return [...own, ...remote];
}

/**
 * Where the resolvers of this machine stand: which network holds them, whether one is an Azure Firewall's DNS proxy, and
 * what its policy forwards to. Firewalls are sought in the subscriptions of the networks that hold a resolver.
 */
export const dnsInfrastructure = defineFact({
  key: "arm/dns-infrastructure",
  needs: { vantage, networks: raw(networks) },
  reads: ["Microsoft.Network/azureFirewalls/read", "Microsoft.Network/firewallPolicies/read"],
  schema: z.object({ servers: z.array(serverSchema), firewalls: z.array(eachOf(z.array(z.string()))) }),
  async collect({ vantage: here, networks: known }, context) {
    const spaces = addressSpaces(valueOf(known) ?? []);
    const placed = resolverServers(here).map((server) => {
      const address = serverAddress(server);
      const holding = uniqueIds(spaces.filter(({ prefixes }) => inAnyPrefix(address, prefixes)).map(({ id }) => id));
      const only = holding.length === 1 ? holding[0] : undefined;
      return {
        server,
        address,
        isAzureDns: address === azureDnsAddress || server === context.azureDns,
        ...(only === undefined ? {} : { vnetId: only }),
      };
    });
    const subscriptions = uniqueIds(
      placed.filter(({ isAzureDns }) => !isAzureDns).map(({ vnetId }) => vnetId?.split("/")[2]),
    );
    const listed = await Promise.all(
      subscriptions.map(async (id) => ({
        id: `/subscriptions/${id}`,
        is: await listAs(
          context,
          `/subscriptions/${id}/providers/Microsoft.Network/azureFirewalls`,
          apiVersions.network,
          firewallSchema,
        ),
      })),
    );
    const firewalls = allSeen(listed.map(({ is }) => is)).flat();
    const servers = await Promise.all(
      placed.map(async (server): Promise<DnsServer> => {
        const firewall = firewalls.find(({ properties }) =>
          (properties.ipConfigurations ?? []).some(
            (configuration) => configuration.properties?.privateIPAddress === server.address,
          ),
        );
        if (firewall === undefined) return server;
        const policyId = firewall.properties.firewallPolicy?.id;
        const policy =
          policyId === undefined
            ? ({ is: "absent" } as const)
            : await getAs(context, policyId, apiVersions.network, policySchema);
        const upstream =
          policy.is === "value" ? await policyUpstream(context, policy.value) : classicUpstream(firewall);
        return { ...server, firewall: { id: firewall.id, policy, ...upstream } };
      }),
    );
    return seen({
      servers,
      firewalls: listed.map(({ id, is }) => ({
        id,
        is: is.is === "value" ? seen(is.value.map((firewall) => firewall.id)) : is,
      })),
    });
  },
});
