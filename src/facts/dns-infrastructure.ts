import * as z from "zod";
import { inAnyPrefix, serverAddress } from "../model/address.ts";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { azureDnsAddress } from "../model/cloud.ts";
import { defineFact, raw } from "../model/fact.ts";
import { allSeen, seen, valueOf } from "../model/observation.ts";
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
  }),
});

const policySchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({
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
  firewall: z.object({ id: z.string(), policy: observationOf(policySchema) }).optional(),
});
export type DnsServer = z.infer<typeof serverSchema>;

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
        return { ...server, firewall: { id: firewall.id, policy } };
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
