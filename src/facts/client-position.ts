import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { pathSchema, paths, reachOf } from "./paths.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { connectionStatus, endpointNetworks } from "./reachability.ts";
import { reachSchema } from "./reaches.ts";
import { vantage } from "./vantage.ts";
import { workspaceConnections } from "./workspace-connections.ts";

const positionSchema = z.object({
  /** Names that have to be reached by a private address. */
  wanted: z.array(pathSchema),
  /** One connection to a private endpoint that was taken: this machine's network reaches them. */
  open: reachSchema.optional(),
  /** The addresses of approved private endpoints, with what dialling them met: only those prove anything. */
  approved: z.array(
    z.object({
      address: z.string(),
      privateEndpointId: z.string(),
      networkIds: z.array(z.string()),
      reach: reachSchema.optional(),
    }),
  ),
  /** The virtual networks in which the approved endpoints stand. */
  networkIds: z.array(z.string()),
  /** Everything that the position of this machine decides: names, resources, and addresses with their port. */
  about: z.array(z.string()),
});

/** How far this machine gets towards the private endpoints, dialled by their own addresses. */
export const clientPosition = defineFact({
  key: "derived/client-position",
  needs: { paths, vantage, privateEndpoints, connections: raw(workspaceConnections) },
  reads: [],
  schema: positionSchema,
  collect({ paths: all, privateEndpoints: known, connections }) {
    const statusOf = (privateEndpointId: string): string | undefined => {
      const entry = known.entries.find(({ id }) => sameId(id, privateEndpointId));
      if (entry?.endpoint.is !== "gap") return entry && connectionStatus(entry);
      // What the endpoint itself would say, the workspace says of its connection too.
      const told = (valueOf(connections) ?? []).find(({ properties }) =>
        sameId(properties?.privateEndpoint?.id, entry.id),
      );
      return told?.properties?.privateLinkServiceConnectionState?.status ?? undefined;
    };
    const wanted = all.filter((path) => path.needsPrivate);
    const dialled = wanted.flatMap((path) =>
      path.name.expected.map(({ address, privateEndpointId }) => ({
        path,
        address,
        privateEndpointId,
        reach: reachOf(path, address),
      })),
    );
    const approved = dialled
      .filter(({ privateEndpointId }) => sameText(statusOf(privateEndpointId), "Approved"))
      .map(({ path, address, privateEndpointId, reach }) => ({
        address,
        privateEndpointId,
        networkIds: endpointNetworks(path),
        ...(reach === undefined ? {} : { reach }),
      }));
    const open = dialled.find(({ reach }) => reach?.tcp.outcome === "open")?.reach;
    return seen({
      wanted,
      ...(open === undefined ? {} : { open }),
      approved,
      networkIds: [...new Set(approved.flatMap(({ networkIds }) => networkIds))],
      about: [
        ...new Set([
          ...wanted.map(({ name }) => name.fqdn),
          ...wanted.map(({ name }) => name.resourceId),
          ...approved.map(({ address }) => `${address}:443`),
        ]),
      ],
    });
  },
});
