import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parentId, parseArmId, sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, seen, valueOf, type Observation } from "../model/observation.ts";
import { getAs, observationOf, uniqueIds } from "./arm-read.ts";
import { computes } from "./computes.ts";
import { networks, subnetSchema, virtualNetworkSchema, type VirtualNetwork } from "./networks.ts";
import { privateEndpoints } from "./private-endpoints.ts";
import { text } from "./wire.ts";
import { vantage } from "./vantage.ts";
import { workspace } from "./workspace.ts";

const placed = z.object({
  subnet: subnetSchema,
  networkLocation: text,
  /** The address space of its network. */
  networkPrefixes: z.array(z.string()),
});

/** A subnet, and its network as far as rules and routes ask for it. */
export type PlacedSubnet = z.infer<typeof placed>;

const subnetInQuestion = z.object({
  id: z.string(),
  uses: z.array(z.enum(["compute", "private-endpoint", "vantage"])),
  is: observationOf(placed),
});
export type SubnetInQuestion = z.infer<typeof subnetInQuestion>;

/** The prefixes of a subnet, wherever they stand. */
export function subnetPrefixes({ properties }: z.infer<typeof subnetSchema>): string[] {
  return uniqueIds([properties?.addressPrefix, ...(properties?.addressPrefixes ?? [])]);
}

/** The subnets that computes, private endpoints and this machine stand in. */
export const subnets = defineFact({
  key: "arm/subnets",
  needs: {
    workspace,
    computes: raw(computes),
    privateEndpoints: raw(privateEndpoints),
    vantage: raw(vantage),
    networks: raw(networks),
  },
  reads: ["Microsoft.Network/virtualNetworks/read"],
  schema: z.array(subnetInQuestion),
  async collect(
    { workspace: { properties }, computes: machines, privateEndpoints: endpoints, vantage: here, networks: known },
    context,
  ) {
    const used = {
      compute: [
        ...(valueOf(machines) ?? []).map((compute) => compute.properties.properties?.subnet?.id),
        properties.serverlessComputeSettings?.serverlessComputeCustomSubnet,
      ],
      "private-endpoint": (valueOf(endpoints)?.entries ?? []).map(
        ({ endpoint }) => valueOf(endpoint)?.properties.subnet?.id,
      ),
      vantage: [valueOf(here)?.subnetId],
    };
    const ids = uniqueIds(Object.values(used).flat()).filter((id) => parseArmId(id) !== undefined);
    const read = new Map<string, Promise<Observation<VirtualNetwork>>>();
    const networkOf = (id: string): Promise<Observation<VirtualNetwork>> => {
      const started = read.get(id.toLowerCase());
      if (started !== undefined) return started;
      const given = (valueOf(known) ?? []).find((each) => sameId(each.id, id));
      const asked =
        given === undefined
          ? getAs(context, id, apiVersions.network, virtualNetworkSchema)
          : Promise.resolve(given.network);
      read.set(id.toLowerCase(), asked);
      return asked;
    };
    return seen(
      await Promise.all(
        ids.map(async (id): Promise<SubnetInQuestion> => {
          const network = await networkOf(parentId(id));
          const uses = (["compute", "private-endpoint", "vantage"] as const).filter((use) =>
            used[use].some((other) => sameId(other, id)),
          );
          if (network.is !== "value") return { id, uses, is: network };
          const subnet = network.value.properties.subnets?.find((each) => sameId(each.id, id));
          const networkPrefixes = network.value.properties.addressSpace?.addressPrefixes ?? [];
          return {
            id,
            uses,
            is:
              subnet === undefined
                ? absent
                : seen({ subnet, networkLocation: network.value.location, networkPrefixes }),
          };
        }),
      ),
    );
  },
});
