import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import type { Route } from "../model/route-choice.ts";
import { eachOf, getAs, uniqueIds } from "./arm-read.ts";
import { subnets } from "./subnets.ts";
import { flag, text } from "./wire.ts";

export const routeTableSchema = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    disableBgpRoutePropagation: flag,
    routes: z
      .array(
        z.object({
          name: text,
          properties: z.object({ addressPrefix: text, nextHopType: text, nextHopIpAddress: text }).nullish(),
        }),
      )
      .nullish(),
  }),
});
export type RouteTable = z.infer<typeof routeTableSchema>;

/** The user's routes of a table. */
export function routesOf(table: RouteTable): Route[] {
  return (table.properties.routes ?? []).flatMap(({ name, properties: its }): Route[] =>
    its?.addressPrefix && its.nextHopType
      ? [
          {
            name: name ?? its.addressPrefix,
            prefix: its.addressPrefix,
            nextHop: its.nextHopType,
            source: "user",
            ...(its.nextHopIpAddress ? { nextHopAddress: its.nextHopIpAddress } : {}),
          },
        ]
      : [],
  );
}

/** The route tables of the subnets in question, as they are defined. Routes that a gateway learned are not in them. */
export const routeTables = defineFact({
  key: "arm/route-tables",
  needs: { subnets },
  reads: ["Microsoft.Network/routeTables/read"],
  schema: z.array(eachOf(routeTableSchema)),
  async collect({ subnets: all }, context) {
    const ids = uniqueIds(all.map(({ is }) => valueOf(is)?.subnet.properties?.routeTable?.id));
    return seen(
      await Promise.all(
        ids.map(async (id) => ({ id, is: await getAs(context, id, apiVersions.network, routeTableSchema) })),
      ),
    );
  },
});
