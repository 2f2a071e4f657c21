import { parentId, sameId } from "../model/arm-id.ts";
import { valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import type { NetworkEntry } from "./networks.ts";
import type { Path } from "./paths.ts";
import type { PrivateEndpointEntry } from "./private-endpoints.ts";
import { linkConnections } from "./private-endpoints.ts";

/** The state of an endpoint's connection as the endpoint itself has it; undefined when it cannot be read. */
export function connectionStatus(entry: PrivateEndpointEntry): string | undefined {
  const endpoint = valueOf(entry.endpoint);
  if (endpoint === undefined) return undefined;
  return linkConnections(endpoint)[0]?.properties?.privateLinkServiceConnectionState?.status ?? undefined;
}

/** How two networks are joined. */
export type Join =
  | { readonly is: "same" }
  | { readonly is: "peered" }
  /** A peering is there and does not carry traffic: its state, and where it was read. */
  | {
      readonly is: "broken";
      readonly state: string;
      readonly peeringId: string;
      /** The halves of the peering that lost their other half, and those that are closed to the other network. */
      readonly lost: readonly string[];
      readonly closed: readonly string[];
    }
  | { readonly is: "none" }
  | { readonly is: "unknown" };

/** How `from` and `to` are joined, as far as the peerings say. Peering has to be Connected on the near side; a remote
 * side that cannot be read is taken to mirror it, because ARM shows `Disconnected` here when the other side is gone. */
export function joinOf(from: string, to: string, networks: readonly NetworkEntry[]): Join {
  if (sameId(from, to)) return { is: "same" };
  const near = networks.find((network) => sameId(network.id, from));
  const far = networks.find((network) => sameId(network.id, to));
  const forward =
    near && valueOf(near.peerings)?.find((peering) => sameId(peering.properties?.remoteVirtualNetwork?.id, to));
  const back =
    far && valueOf(far.peerings)?.find((peering) => sameId(peering.properties?.remoteVirtualNetwork?.id, from));
  const halves = [forward, back].filter((peering) => peering !== undefined);
  const lost = halves.filter(({ properties }) => !sameText(properties?.peeringState, "Connected"));
  const closed = halves.filter(({ properties }) => properties?.allowVirtualNetworkAccess === false);
  const [worst] = [...lost, ...closed];
  if (worst !== undefined)
    return {
      is: "broken",
      state: lost.includes(worst)
        ? (worst.properties?.peeringState ?? "unknown")
        : "allowVirtualNetworkAccess is false",
      peeringId: worst.id,
      lost: lost.map(({ id }) => id),
      closed: closed.map(({ id }) => id),
    };
  if (forward !== undefined || back !== undefined) return { is: "peered" };
  if (near?.peerings.is === "value") return { is: "none" };
  return { is: "unknown" };
}

/** The networks in which the private endpoints of a path stand. */
export function endpointNetworks(path: Path): string[] {
  return path.name.expected.flatMap(({ subnetId }) => (subnetId === undefined ? [] : [parentId(subnetId)]));
}
