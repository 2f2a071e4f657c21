import * as z from "zod";
import { isPublicAddress, serverAddress } from "../model/address.ts";
import { sameId } from "../model/arm-id.ts";
import { azureDnsAddress } from "../model/cloud.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, seen, valueOf } from "../model/observation.ts";
import { answerSchema } from "./dns-answers.ts";
import { names } from "./names.ts";
import { networks } from "./networks.ts";
import { expectedAddresses, type Path } from "./paths.ts";
import type { NetworkInterface } from "./private-endpoints.ts";
import { resolverServers, vantage } from "./vantage.ts";

const networkServer = z.object({ fqdn: z.string(), answers: z.array(answerSchema) });
type NetworkServer = z.infer<typeof networkServer>;

/** A network lists a handful of servers; three tell enough. */
const most = 3;

/**
 * What the DNS servers of this machine's network say of the names, where the machine asks others: only that tells whether
 * the machine's setting is at fault or the network's. Absent where it asks one of them, and where there are none.
 */
export const networkServers = defineFact({
  key: "dns/network-servers",
  needs: { names, vantage, networks: raw(networks) },
  reads: [],
  schema: z.array(networkServer),
  async collect({ names: all, vantage: here, networks: known }, { dns }) {
    const entry = valueOf(known)?.find(({ id }) => here.vnetId !== undefined && sameId(id, here.vnetId));
    const network = entry && valueOf(entry.network);
    const asked = new Set(resolverServers(here).map(serverAddress));
    const servers = (network?.properties.dhcpOptions?.dnsServers ?? []).filter((server) => server !== azureDnsAddress);
    if (servers.length === 0 || servers.some((server) => asked.has(server))) return absent;
    const wanted = all.filter(({ expected }) => expected.length > 0);
    return seen(
      await Promise.all(
        wanted.map(async ({ fqdn }) => ({
          fqdn,
          answers: await Promise.all(
            servers.slice(0, most).map((server) => dns.query({ name: fqdn, type: "A", server })),
          ),
        })),
      ),
    );
  },
});

/**
 * The servers that this machine ought to ask instead of this one. Its interface's setting beats its network's: a server
 * that somebody runs stands there on purpose, and a public resolver, on which nobody sets forwarders, never helps.
 */
export function otherServers(
  address: string,
  interfaces: readonly NetworkInterface[],
  ofNetwork: readonly string[],
  asked: readonly NetworkServer[],
  proven: readonly Path[],
): { servers: string[]; interfaceId?: string } | undefined {
  const overriding = interfaces.find((nic) => (nic.properties.dnsSettings?.dnsServers ?? []).length > 0);
  const own = overriding?.properties.dnsSettings?.dnsServers ?? [];
  const isRight = (servers: readonly string[]): boolean =>
    servers.length === 0 ||
    servers.includes(azureDnsAddress) ||
    proven.every((path) =>
      asked.some(
        ({ fqdn, answers }) =>
          fqdn === path.name.fqdn &&
          answers.some(
            ({ server, addresses }) =>
              servers.includes(serverAddress(server)) && addresses.some((got) => expectedAddresses(path).includes(got)),
          ),
      ),
    );
  const effective = own.length > 0 ? own : ofNetwork;
  if (!effective.includes(address)) return isRight(effective) ? { servers: [...effective] } : undefined;
  return overriding !== undefined && isPublicAddress(address) && !ofNetwork.includes(address) && isRight(ofNetwork)
    ? { servers: [...ofNetwork], interfaceId: overriding.id }
    : undefined;
}
