import { parseArmId, sameId } from "../model/arm-id.ts";
import { valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { linkConnections, type PrivateEndpointEntry } from "./private-endpoints.ts";
import type { PrivateEndpointConnection } from "./wire.ts";
import type { Workspace } from "./workspace.ts";

/** Whose private endpoint a connection comes from. */
export type Owner =
  /** Ours to read: an endpoint in a network of the customer. */
  | "customer"
  /** Made by the workspace's managed network for one of its rules. */
  | "managed-network"
  /** Made by the service for a deployment with secured egress. */
  | "deployment-egress"
  /** Somebody else's, in a subscription that we do not see. */
  | "foreign"
  /** The look-up failed: it may be anybody's. */
  | "unreadable";

const egressDescription = "Egress for Microsoft.MachineLearningServices/workspaces/onlineEndpoints";

/** Where a connection stands, from both of its ends. */
export interface ServiceConnection {
  readonly id: string;
  readonly endpointId?: string;
  readonly owner: Owner;
  /** As the resource has it; as the endpoint has it where the resource knows nothing of the connection. */
  readonly status?: string;
  /** `blob`, `vault`, `registry`, …; known where the endpoint can be read. */
  readonly groups: readonly string[];
  readonly subnetId?: string;
  readonly description?: string;
  /** The resource does not list it: only the endpoint still points here. */
  readonly leftOver: boolean;
}

/** Which isolation the workspace's own network has; undefined when it does not say. */
export function isolationOf({ properties }: Workspace): "none" | "managed" | undefined {
  if (!properties.managedNetwork) return "none";
  const mode = properties.managedNetwork.isolationMode;
  return !mode ? undefined : sameText(mode, "Disabled") ? "none" : "managed";
}

function ownerOf(
  connection: PrivateEndpointConnection,
  entry: PrivateEndpointEntry | undefined,
  space: Workspace,
): Owner {
  const endpointId = connection.properties?.privateEndpoint?.id;
  const name = parseArmId(endpointId)?.name ?? "";
  const network = space.properties.managedNetwork;
  if (entry?.endpoint.is === "value") return "customer";
  // The description alone proves nothing: it is text that the requester wrote. The endpoint also has to be out of sight.
  const elsewhere = !sameText(parseArmId(endpointId)?.subscriptionId, parseArmId(space.id)?.subscriptionId ?? "");
  if (elsewhere && sameText(connection.properties?.privateLinkServiceConnectionState?.description, egressDescription))
    return "deployment-egress";
  const rules = Object.keys(network?.outboundRules ?? {});
  const ofNetwork = network?.networkId && endpointId?.toLowerCase().includes(network.networkId.toLowerCase());
  if (name.startsWith("__SYS_PE_") || ofNetwork || (elsewhere && rules.some((rule) => sameText(rule, name))))
    return "managed-network";
  return entry?.endpoint.is === "gap" ? "unreadable" : "foreign";
}

/** Every connection of a resource, from its own list and from endpoints that still point at it. */
export function serviceConnections(
  resource: {
    readonly id: string;
    readonly properties: {
      readonly privateEndpointConnections?: readonly PrivateEndpointConnection[] | null | undefined;
    };
  },
  entries: readonly PrivateEndpointEntry[],
  space: Workspace,
): ServiceConnection[] {
  const linksOf = (entry: PrivateEndpointEntry | undefined) => {
    const endpoint = entry && valueOf(entry.endpoint);
    return endpoint === undefined
      ? []
      : linkConnections(endpoint).filter(({ properties }) => sameId(properties?.privateLinkServiceId, resource.id));
  };
  const subnetOf = (entry: PrivateEndpointEntry | undefined) =>
    entry && (valueOf(entry.endpoint)?.properties.subnet?.id ?? undefined);
  const listed = (resource.properties.privateEndpointConnections ?? []).map((connection): ServiceConnection => {
    const endpointId = connection.properties?.privateEndpoint?.id ?? undefined;
    const entry = entries.find(({ id }) => sameId(id, endpointId));
    const state = connection.properties?.privateLinkServiceConnectionState;
    const subnetId = subnetOf(entry);
    return {
      id: connection.id,
      ...(endpointId === undefined ? {} : { endpointId }),
      owner: ownerOf(connection, entry, space),
      ...(state?.status ? { status: state.status } : {}),
      groups: linksOf(entry).flatMap(({ properties }) => properties?.groupIds ?? connection.properties?.groupIds ?? []),
      ...(subnetId === undefined ? {} : { subnetId }),
      ...(state?.description ? { description: state.description } : {}),
      leftOver: false,
    };
  });
  const leftOver = entries
    .filter(({ id }) => !listed.some(({ endpointId }) => sameId(endpointId, id)))
    .flatMap((entry) =>
      linksOf(entry).map(({ properties }): ServiceConnection => {
        const status = properties?.privateLinkServiceConnectionState?.status;
        const subnetId = subnetOf(entry);
        return {
          id: entry.id,
          endpointId: entry.id,
          owner: "customer",
          ...(status ? { status } : {}),
          groups: properties?.groupIds ?? [],
          ...(subnetId === undefined ? {} : { subnetId }),
          leftOver: true,
        };
      }),
    );
  return [...listed, ...leftOver];
}

/** Whether a connection carries traffic. */
export function isApproved({ status }: ServiceConnection): boolean {
  return sameText(status, "Approved");
}
