import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { eachOf, listAs, uniqueIds } from "./arm-read.ts";
import { hasPublicAddress } from "./compute-state.ts";
import { computeSubnets } from "./compute-subnets.ts";
import { networkSecurityGroupSchema } from "./network-security-groups.ts";

/** How Batch names the groups that it puts on the nodes' own interfaces. */
const byBatch = /azurebatch-cloudservicenetworksecuritygroup/i;

/** The resource group that a network lies in. */
export function groupOf(id: string): string {
  const place = parseArmId(id);
  return place === undefined ? "" : `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}`;
}

/** The groups that Batch made beside the networks of computes with public addresses, by the resource group of the network. */
export const batchSecurityGroups = defineFact({
  key: "arm/batch-security-groups",
  needs: { places: computeSubnets },
  reads: ["Microsoft.Network/networkSecurityGroups/read"],
  schema: z.array(eachOf(z.array(networkSecurityGroupSchema))),
  async collect({ places }, context) {
    const scopes = uniqueIds(
      places
        .filter(({ computes }) => computes.some((compute) => hasPublicAddress(compute) === true))
        .map(({ id }) => groupOf(id)),
    );
    return seen(
      await Promise.all(
        scopes.map(async (id) => {
          const path = `${id}/providers/Microsoft.Network/networkSecurityGroups`;
          const listed = await listAs(context, path, apiVersions.network, networkSecurityGroupSchema);
          return {
            id,
            is: listed.is === "gap" ? listed : seen((valueOf(listed) ?? []).filter(({ name }) => byBatch.test(name))),
          };
        }),
      ),
    );
  },
});
