import * as z from "zod";
import { isPrivateAddress } from "../model/address.ts";
import { parentId, sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { az } from "../model/remediation.ts";
import type { Reach } from "../model/ports.ts";
import { sameText } from "../model/text.ts";
import { keyVault } from "./key-vault.ts";
import { nameSchema } from "./name.ts";
import { networks } from "./networks.ts";
import { answersProperly, paths, reachOf } from "./paths.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { privateZones, zonePlanOf, zonePlanSchema } from "./private-zones.ts";
import { joinOf } from "./reachability.ts";
import { reachSchema } from "./reaches.ts";
import { registry } from "./registry.ts";
import { isApproved, serviceConnections } from "./service-connections.ts";
import { storageAccounts } from "./storage-accounts.ts";
import { vantage } from "./vantage.ts";
import { homeOf, hub } from "./hub.ts";
import { workspace } from "./workspace.ts";

const access = z.object({
  name: nameSchema,
  resourceId: z.string(),
  /** What the resource says of its public door: see `Name.publicAccess`. */
  locked: z.boolean(),
  /** Approved private endpoints for this sub-resource whose network is this machine's or joined with it. */
  near: z.array(z.string()),
  /** Approved ones whose network is not, as far as the peerings say. */
  far: z.array(z.string()),
  /** Approved ones of which that cannot be told. */
  unplaced: z.array(z.string()),
  /** Connections of this sub-resource, or of one that is not known, that are not approved. */
  waiting: z.array(z.string()),
  /** How a client here fares: inside by a private address, let in or refused at the public one, or without an answer. */
  outcome: z.enum(["private", "let-in", "refused", "no-answer"]),
  addresses: z.array(z.string()),
  reach: reachSchema.optional(),
  vnetId: z.string().optional(),
  /** A subnet in this machine's network that already holds private endpoints. */
  subnetId: z.string().optional(),
  zone: zonePlanSchema.optional(),
});
export type ClientAccess = z.infer<typeof access>;

/** What an anonymous answer says of the firewall in front of the service; undefined when it says nothing. */
export function firewallAnswer(service: string, reach: Reach | undefined): "let-in" | "refused" | undefined {
  const http = reach?.http;
  if (http?.status === undefined) return undefined;
  const code = http.headers["x-ms-error-code"];
  if (service === "key-vault") {
    if (
      http.status === 403 &&
      /ForbiddenBy(?:Firewall|Connection)|not authorized and caller|not from a trusted service/i.test(http.body)
    )
      return "refused";
    return undefined;
  }
  if (service === "registry") return http.status === 403 ? "refused" : http.status === 401 ? "let-in" : undefined;
  // Storage says 403 for bad signatures too: only this code is the firewall's.
  if (
    code === "AuthorizationFailure" ||
    (http.status === 403 && http.body.includes("<Code>AuthorizationFailure</Code>"))
  )
    return "refused";
  return code === undefined ? undefined : "let-in";
}

/** Whether the firewall's list of selected networks is the only way in that there is: a machine outside of Azure was refused,
 * and no private endpoint, which could be meant for it, leads to the service. */
export function isListAlone({ name, near, far, unplaced, waiting, vnetId, outcome }: ClientAccess): boolean {
  const endpoints = [...near, ...far, ...unplaced, ...waiting];
  return name.publicAccess === "selected" && vnetId === undefined && endpoints.length === 0 && outcome === "refused";
}

/** What to ask where a connection's private endpoint stands in a network that is not known: whether it serves this machine
 * decides between no endpoint here and a name that leads past it. For `say.unknown`. */
export function unplacedEndpoints(way: ClientAccess, candidates: readonly [missing: string, resolvesPublic: string]) {
  const endpoints = way.unplaced.join(", ");
  // A connection may not tell its endpoint; its own id is none that can be shown so.
  const shown = way.unplaced.find((id) => /\/privateEndpoints\//i.test(id));
  const command =
    shown === undefined
      ? ""
      : `: ${az("network", "private-endpoint", "show", "--ids", shown, "--query", "subnet.id").text}`;
  const test = `whether ${endpoints} stands in a network that this machine's is joined with${command}`;
  return [
    `it cannot be told whether ${endpoints} serves this machine's network`,
    {
      subject: way.resourceId,
      about: [way.name.fqdn],
      permission: "Microsoft.Network/privateEndpoints/read",
      candidates: candidates.map((id) => ({ id, test })),
      matters: way.outcome === "refused",
    },
  ] as const;
}

const dependencyServices = ["key-vault", "blob", "file", "queue", "table", "dfs", "registry"];

/**
 * How this machine gets to the key vault, the storage accounts and the registry: which approved private endpoint serves
 * its network, and what it met at the address that it uses.
 */
export const clientAccess = defineFact({
  key: "derived/client-access",
  needs: {
    workspace,
    hub: raw(hub),
    paths,
    vantage,
    privateEndpoints,
    networks: raw(networks),
    zones: raw(privateZones),
    keyVault: raw(keyVault),
    registry: raw(registry),
    storageAccounts: raw(storageAccounts),
  },
  reads: [],
  schema: z.array(access),
  collect({
    workspace: space,
    hub: itsHub,
    paths: all,
    vantage: here,
    privateEndpoints: { entries },
    networks: known,
    zones,
    ...resources
  }) {
    const nets = valueOf(known) ?? [];
    const home = homeOf(space, itsHub) ?? space;
    const isClosed = sameText(home.properties.publicNetworkAccess, "Disabled");
    const targets = [
      valueOf(resources.keyVault),
      valueOf(resources.registry),
      ...(valueOf(resources.storageAccounts) ?? []).map(({ is }) => valueOf(is)),
    ].flatMap((one) => one ?? []);
    const subnets = entries.flatMap(({ endpoint }) => valueOf(endpoint)?.properties.subnet?.id ?? []);
    const subnetId =
      subnets.find((id) => here.vnetId === undefined || sameId(parentId(id), here.vnetId)) ?? here.subnetId;
    return seen(
      all.flatMap((path): ClientAccess[] => {
        const { name } = path;
        const target = targets.find(({ id }) => sameId(id, name.resourceId));
        if (target === undefined || !dependencyServices.includes(name.service)) return [];
        // What a public workspace keeps behind private endpoints elsewhere is its own business, not this machine's.
        const connections = serviceConnections(target, entries, home).filter(
          ({ groups }) => groups.length === 0 || groups.some((group) => sameText(group, name.groupId)),
        );
        const isElsewhere =
          name.publicAccess === "closed" &&
          !path.needsPrivate &&
          (name.expected.length > 0 || (!isClosed && connections.some(isApproved)));
        if (isElsewhere) return [];
        const near: string[] = [];
        const far: string[] = [];
        const unplaced: string[] = [];
        for (const connection of connections.filter(isApproved)) {
          const endpoint = connection.endpointId ?? connection.id;
          if (connection.owner === "unreadable" || connection.owner === "foreign") unplaced.push(endpoint);
          if (connection.owner !== "customer") continue;
          if (here.vnetId === undefined || connection.subnetId === undefined) near.push(endpoint);
          else {
            const join = joinOf(here.vnetId, parentId(connection.subnetId), nets).is;
            (join === "same" || join === "peered" ? near : join === "unknown" ? unplaced : far).push(endpoint);
          }
        }
        // An endpoint is near and its addresses could not be read: whether the name leads there cannot be told, and what a
        // public address answers proves nothing about the firewall.
        if (near.length > 0 && name.expected.length === 0 && path.here === "public") return [];
        const { addresses } = path.system;
        const reached = addresses.flatMap((address) => reachOf(path, address) ?? []);
        const inside = reached.find((reach) => isPrivateAddress(reach.address) && answersProperly(reach));
        const answered = reached
          .map((reach) => ({ reach, says: firewallAnswer(name.service, reach) }))
          .find(({ says }) => says !== undefined);
        const reach = inside ?? answered?.reach ?? reached[0];
        const zone = zonePlanOf(name.zone, zones, subnetId === undefined ? here.vnetId : parentId(subnetId));
        return [
          {
            name,
            resourceId: target.id,
            locked: name.publicAccess === "closed" || name.publicAccess === "selected",
            near,
            far,
            unplaced,
            waiting: connections
              .filter((connection) => connection.owner === "customer" && !isApproved(connection))
              .map(({ id }) => id),
            outcome: inside ? "private" : (answered?.says ?? "no-answer"),
            addresses: [...addresses],
            ...(reach === undefined ? {} : { reach }),
            ...(here.vnetId === undefined ? {} : { vnetId: here.vnetId }),
            ...(subnetId === undefined ? {} : { subnetId }),
            ...(zone === undefined ? {} : { zone }),
          },
        ];
      }),
    );
  },
});
