import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { allSeen, seen } from "../model/observation.ts";
import { eachOf, listAs } from "./arm-read.ts";
import { clusterPrincipals, managedClusters, nodeSubnets } from "./managed-clusters.ts";
import { text } from "./wire.ts";

const assignment = z.object({
  id: z.string(),
  properties: z.object({ principalId: text, roleDefinitionId: text, scope: text }),
});

/** The role assignments of each cluster's own identity at and above the subnets of its nodes. */
export const clusterRoles = defineFact({
  key: "arm/cluster-roles",
  needs: { managedClusters },
  reads: ["Microsoft.Authorization/roleAssignments/read"],
  schema: z.array(
    z.object({ clusterId: z.string(), principalId: z.string(), subnets: z.array(eachOf(z.array(assignment))) }),
  ),
  async collect({ managedClusters: clusters }, context) {
    const asked = allSeen(clusters.map(({ is }) => is)).flatMap((cluster) =>
      clusterPrincipals(cluster).map((principalId) => ({
        clusterId: cluster.id,
        principalId,
        ids: nodeSubnets(cluster),
      })),
    );
    return seen(
      await Promise.all(
        asked.map(async ({ clusterId, principalId, ids }) => ({
          clusterId,
          principalId,
          subnets: await Promise.all(
            ids.map(async (id) => ({
              id,
              is: await listAs(
                context,
                `${id}/providers/Microsoft.Authorization/roleAssignments`,
                apiVersions.authorization,
                assignment,
                { $filter: `assignedTo('${principalId}')` },
              ),
            })),
          ),
        })),
      ),
    );
  },
});
