import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import type { Reach } from "../model/ports.ts";
import { sameText } from "../model/text.ts";
import { paths, reachOf } from "./paths.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { connectionStatus } from "./reachability.ts";
import { reachSchema } from "./reaches.ts";
import type { PlacedSubnet, SubnetInQuestion } from "./subnets.ts";

const endpointPath = z.object({
  address: z.string(),
  fqdns: z.array(z.string()),
  privateEndpointId: z.string(),
  /** The resources that the address leads to. */
  resourceIds: z.array(z.string()),
  subnetId: z.string().optional(),
  isApproved: z.boolean(),
  reach: reachSchema,
});
/** One private endpoint address that clients here need, with how far a connection from here came. */
export type EndpointPath = z.infer<typeof endpointPath>;

/** The private endpoint addresses that were dialled from here, one of each, where clients need the private way. */
export const endpointPaths = defineFact({
  key: "derived/endpoint-paths",
  needs: { paths, privateEndpoints },
  reads: [],
  schema: z.array(endpointPath),
  collect({ paths: all, privateEndpoints: known }) {
    const byAddress = new Map<string, EndpointPath>();
    for (const path of all.filter(({ needsPrivate }) => needsPrivate)) {
      for (const { address, privateEndpointId, subnetId } of path.name.expected) {
        const reach: Reach | undefined = reachOf(path, address);
        if (reach === undefined) continue;
        const seenBefore = byAddress.get(address);
        if (seenBefore !== undefined) {
          seenBefore.fqdns.push(path.name.fqdn);
          if (!seenBefore.resourceIds.some((id) => sameId(id, path.name.resourceId)))
            seenBefore.resourceIds.push(path.name.resourceId);
          continue;
        }
        const entry = known.entries.find(({ id }) => sameId(id, privateEndpointId));
        const isApproved = entry !== undefined && sameText(connectionStatus(entry), "Approved");
        byAddress.set(address, {
          address,
          fqdns: [path.name.fqdn],
          privateEndpointId,
          resourceIds: [path.name.resourceId],
          ...(subnetId === undefined ? {} : { subnetId }),
          isApproved,
          reach,
        });
      }
    }
    return seen([...byAddress.values()]);
  },
});

/** What findings about this address are about. */
export function endpointTopics({ address, fqdns, privateEndpointId }: EndpointPath): string[] {
  return [`${address}:443`, ...fqdns, privateEndpointId];
}

/** The subnet of an id with its network; undefined when it is not among those in question or could not be read. */
export function placeOf(all: readonly SubnetInQuestion[], id: string | undefined): PlacedSubnet | undefined {
  const found = all.find((each) => sameId(each.id, id));
  return found && valueOf(found.is);
}
