import * as z from "zod";
import { parentId, sameId } from "../model/arm-id.ts";
import { armEvidence, type Evidence } from "../model/evidence.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf, type Observation } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { keyVault } from "./key-vault.ts";
import { paths } from "./paths.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { privateZones, zonePlanOf, zonePlanSchema } from "./private-zones.ts";
import { registry } from "./registry.ts";
import { isApproved, serviceConnections } from "./service-connections.ts";
import { storageAccounts } from "./storage-accounts.ts";
import { homeOf, hub } from "./hub.ts";
import { workspace } from "./workspace.ts";

const waiting = z.object({
  service: z.enum(["key-vault", "storage", "registry"]),
  resourceId: z.string(),
  connectionId: z.string(),
  endpointId: z.string().optional(),
  owner: z.enum(["customer", "managed-network", "deployment-egress", "foreign", "unreadable"]),
  status: z.string().optional(),
  description: z.string().optional(),
  leftOver: z.boolean(),
  /** The resource may not be read: the connection is known from the endpoint's side alone. */
  unread: z.boolean(),
  groupId: z.string().optional(),
  subnetId: z.string().optional(),
  zone: zonePlanSchema.optional(),
  /** The names that the endpoint would serve, and its addresses with their port. */
  fqdns: z.array(z.string()),
  addresses: z.array(z.string()),
  /** Another approved endpoint of the customer's serves the same sub-resource, and no name here leads to this one. */
  spare: z.boolean(),
});
/** A private endpoint connection of a dependency that carries no traffic. */
export type WaitingConnection = z.infer<typeof waiting>;

/** What a connection's own state shows. */
export function waitingEvidence({ connectionId, leftOver, status }: WaitingConnection): Evidence {
  const state = "privateLinkServiceConnectionState.status";
  return armEvidence(
    connectionId,
    leftOver ? `properties.privateLinkServiceConnections[].properties.${state}` : `properties.${state}`,
    status,
    "Approved",
  );
}

/** What cannot be reached through a connection: the resource, by its names and addresses. */
export function waitingTopics({ resourceId, endpointId, fqdns, addresses }: WaitingConnection): string[] {
  return [resourceId, ...(endpointId === undefined ? [] : [endpointId]), ...fqdns, ...addresses];
}

/** The connections of the key vault, the storage accounts and the registry that are in any state but Approved. */
export const waitingConnections = defineFact({
  key: "derived/waiting-connections",
  needs: {
    workspace,
    hub: raw(hub),
    privateEndpoints,
    paths: raw(paths),
    zones: raw(privateZones),
    keyVault: raw(keyVault),
    registry: raw(registry),
    storageAccounts: raw(storageAccounts),
  },
  reads: [],
  schema: z.array(waiting),
  collect({ workspace: space, hub: itsHub, privateEndpoints: { entries }, paths: measured, zones, ...resources }) {
    const home = homeOf(space, itsHub) ?? space;
    // The endpoint shows the state too, where the resource may not be read.
    const of = <T extends object>(is: Observation<T>, id: string | null | undefined) =>
      is.is === "gap" && id ? { id, properties: {} } : valueOf(is);
    const targets = [
      {
        service: "key-vault" as const,
        is: resources.keyVault,
        each: of(resources.keyVault, space.properties.keyVault),
      },
      ...(valueOf(resources.storageAccounts) ?? []).map(({ id, is }) => ({
        service: "storage" as const,
        is,
        each: of(is, id),
      })),
      {
        service: "registry" as const,
        is: resources.registry,
        each: of(resources.registry, space.properties.containerRegistry),
      },
    ];
    return seen(
      targets.flatMap(({ service, is, each }) => {
        if (each === undefined) return [];
        const all = serviceConnections(each, entries, home);
        return all
          .filter((connection) => !isApproved(connection) && connection.status !== undefined)
          .map((connection): WaitingConnection => {
            const { endpointId, status, description, subnetId } = connection;
            const [groupId] = connection.groups;
            const served = (valueOf(measured) ?? []).flatMap((path) =>
              path.name.expected
                .filter(({ privateEndpointId }) => sameId(privateEndpointId, endpointId))
                .map(({ address }) => ({ path, address })),
            );
            const inUse = served.some(({ path, address }) => path.system.addresses.includes(address));
            const others = all.some(
              (other) =>
                isApproved(other) &&
                other.owner === "customer" &&
                other.groups.some((group) => groupId !== undefined && sameText(group, groupId)),
            );
            const zone = zonePlanOf(served[0]?.path.name.zone, zones, subnetId && parentId(subnetId));
            return {
              service,
              resourceId: each.id,
              connectionId: connection.id,
              owner: connection.owner,
              leftOver: connection.leftOver,
              unread: is.is === "gap",
              ...(endpointId === undefined ? {} : { endpointId }),
              ...(status === undefined ? {} : { status }),
              ...(description === undefined ? {} : { description }),
              ...(groupId === undefined ? {} : { groupId }),
              ...(subnetId === undefined ? {} : { subnetId }),
              ...(zone === undefined ? {} : { zone }),
              fqdns: [...new Set(served.map(({ path }) => path.name.fqdn))],
              addresses: [...new Set(served.map(({ address }) => `${address}:443`))],
              spare: others && !inUse,
            };
          });
      }),
    );
  },
});
