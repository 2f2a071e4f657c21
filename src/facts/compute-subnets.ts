import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { absent, seen, type Observation } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { observationOf } from "./arm-read.ts";
import { computes, computeSchema } from "./computes.ts";
import { subnetSchema } from "./networks.ts";
import { networkSecurityGroups, networkSecurityGroupSchema } from "./network-security-groups.ts";
import { routeTables, routeTableSchema } from "./route-tables.ts";
import { subnets } from "./subnets.ts";
import { text } from "./wire.ts";
import { networkHome } from "./hub.ts";

const computeSubnet = z.object({
  id: z.string(),
  computes: z.array(computeSchema),
  subnet: observationOf(subnetSchema),
  networkLocation: text,
  /** Absent: the subnet has none. */
  securityGroup: observationOf(networkSecurityGroupSchema),
  routeTable: observationOf(routeTableSchema),
});
export type ComputeSubnet = z.infer<typeof computeSubnet>;

/** Subnets of the customer's own networks that computes stand in, with their rules. A workspace with a managed network has
 * its computes in Microsoft's network, where none of this holds. */
export const computeSubnets = defineFact({
  key: "derived/compute-subnets",
  needs: { workspace: networkHome, computes, subnets, groups: networkSecurityGroups, tables: routeTables },
  reads: [],
  schema: z.array(computeSubnet),
  collect({ workspace: { properties }, computes: machines, subnets: all, groups, tables }) {
    const mode = properties.managedNetwork?.isolationMode;
    if (mode && !sameText(mode, "Disabled")) return seen([]);
    const living = machines.filter((compute) => !sameText(compute.properties.provisioningState, "Deleting"));
    return seen(
      all
        .filter(({ uses }) => uses.includes("compute"))
        .flatMap((place): ComputeSubnet[] => {
          const inside = living.filter((compute) => sameId(compute.properties.properties?.subnet?.id, place.id));
          if (inside.length === 0) return [];
          const pick = <T>(
            from: readonly { id: string; is: Observation<T> }[],
            id: string | undefined,
          ): Observation<T> => (id === undefined ? absent : (from.find((each) => sameId(each.id, id))?.is ?? absent));
          if (place.is.is !== "value")
            return [
              {
                id: place.id,
                computes: inside,
                subnet: place.is,
                networkLocation: undefined,
                securityGroup: place.is,
                routeTable: place.is,
              },
            ];
          const { subnet, networkLocation } = place.is.value;
          return [
            {
              id: place.id,
              computes: inside,
              subnet: seen(subnet),
              networkLocation,
              securityGroup: pick(groups, subnet.properties?.networkSecurityGroup?.id),
              routeTable: pick(tables, subnet.properties?.routeTable?.id),
            },
          ];
        }),
    );
  },
});
