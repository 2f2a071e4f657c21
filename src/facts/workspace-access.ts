import { parentId, parseArmId, sameId } from "../model/arm-id.ts";
import { valueOf, type Observation } from "../model/observation.ts";
import type { Recreation } from "../model/private-endpoint-remedies.ts";
import { sameText } from "../model/text.ts";
import type { Name } from "./name.ts";
import type { PrivateEndpointEntry } from "./private-endpoints.ts";
import { zonePlanOf } from "./private-zones.ts";
import type { Vantage } from "./vantage.ts";
import type { PrivateEndpointConnection } from "./wire.ts";

/** The state of a connection as the resource has it. */
export function statusOf(connection: PrivateEndpointConnection): string | undefined {
  return connection.properties?.privateLinkServiceConnectionState?.status ?? undefined;
}

/** The private endpoints that lead, or are said to lead, to the workspace. */
export function entriesOf(
  workspaceId: string,
  known: Observation<{ entries: PrivateEndpointEntry[] }>,
): PrivateEndpointEntry[] {
  return (valueOf(known)?.entries ?? []).filter(({ targets }) => targets.some((target) => sameId(target, workspaceId)));
}

/** Whether an endpoint is somebody else's: Microsoft's managed networks and egress endpoints stand in subscriptions where
 * nothing can be found. One that is not found in the workspace's own subscription is a contradiction, and nobody else's. */
export function isForeign({ id, endpoint }: PrivateEndpointEntry, workspaceId: string): boolean {
  return (
    endpoint.is === "absent" && !sameText(parseArmId(id)?.subscriptionId, parseArmId(workspaceId)?.subscriptionId ?? "")
  );
}

/**
 * The approved connections that carry clients. One from a managed network or from a deployment's egress does not: those
 * endpoints stand where nobody can read them, and are absent. One that may only not be read counts as the clients'.
 */
export function clientConnections(
  connections: readonly PrivateEndpointConnection[],
  entries: readonly PrivateEndpointEntry[],
  workspaceId: string,
): PrivateEndpointConnection[] {
  return connections.filter(
    (connection) =>
      sameText(statusOf(connection), "Approved") &&
      entries.some(
        (entry) => sameId(entry.id, connection.properties?.privateEndpoint?.id) && !isForeign(entry, workspaceId),
      ),
  );
}

/** What a plan for the workspace's private endpoint is read from. */
export interface Surroundings {
  readonly known: Observation<{ entries: PrivateEndpointEntry[] }>;
  readonly zones: Parameters<typeof zonePlanOf>[1];
  readonly names: Observation<Name[]>;
  readonly here: Observation<Pick<Vantage, "vnetId" | "subnetId">>;
}

/** A subnet for a first endpoint: one of this machine's network that holds endpoints, then this machine's own, then any. */
function freeSubnet({ known, here }: Surroundings): string | undefined {
  const place = valueOf(here);
  const subnets = (valueOf(known)?.entries ?? []).flatMap(
    ({ endpoint }) => valueOf(endpoint)?.properties.subnet?.id ?? [],
  );
  return subnets.find((id) => sameId(parentId(id), place?.vnetId)) ?? place?.subnetId ?? subnets[0];
}

/** What recreating the workspace's endpoint takes; without an endpoint, what making the first one does. */
export function recreationOf(
  workspaceId: string,
  endpointId: string | undefined,
  status: string | undefined,
  around: Surroundings,
): Recreation {
  const entry = (valueOf(around.known)?.entries ?? []).find(({ id }) => sameId(id, endpointId));
  const subnetId =
    endpointId === undefined ? freeSubnet(around) : entry && valueOf(entry.endpoint)?.properties.subnet?.id;
  const wanted = (valueOf(around.names) ?? [])
    .filter(({ groupId }) => groupId === "amlworkspace")
    .map(({ zone }) => zone);
  const there = (valueOf(around.zones)?.zones ?? []).filter(({ name }) => /^privatelink\.(api|notebooks)\./.test(name));
  // A zone that is missing beside an endpoint is a fault of its own, whose remedy makes it.
  const zones = [...new Set([...(endpointId === undefined ? wanted : []), ...there.map(({ name }) => name)])].sort();
  return {
    workspaceId,
    ...(endpointId === undefined ? {} : { endpointId }),
    ...(subnetId === undefined ? {} : { subnetId }),
    ...(status === undefined ? {} : { status }),
    zones: zones.flatMap((name) => zonePlanOf(name, around.zones, subnetId ? parentId(subnetId) : undefined) ?? []),
  };
}

/** The names that an endpoint serves, and its addresses with port 443: what its fault is about. */
export function servedBy(endpointId: string | undefined, names: Observation<Name[]>): string[] {
  return (valueOf(names) ?? []).flatMap((name) =>
    name.expected
      .filter(({ privateEndpointId }) => sameId(privateEndpointId, endpointId))
      .flatMap(({ address }) => [name.fqdn, `${address}:443`]),
  );
}
