import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId, sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { mapSeen, seen } from "../model/observation.ts";
import { eachOf, listAs } from "./arm-read.ts";
import { clusterIds, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { linkConnections, privateEndpointSchema } from "./private-endpoints.ts";

/** The customer's own private endpoints to each AKS cluster, of the cluster's subscription. */
export const clusterPrivateEndpoints = defineFact({
  key: "arm/cluster-private-endpoints",
  needs: { attachments: kubernetesAttachments },
  reads: ["Microsoft.Network/privateEndpoints/read"],
  schema: z.array(eachOf(z.array(privateEndpointSchema))),
  async collect({ attachments }, context) {
    return seen(
      await Promise.all(
        clusterIds(attachments.filter(({ isAks }) => isAks)).map(async (id) => {
          const subscription = parseArmId(id)?.subscriptionId ?? context.target.subscriptionId;
          const listed = await listAs(
            context,
            `/subscriptions/${subscription}/providers/Microsoft.Network/privateEndpoints`,
            apiVersions.network,
            privateEndpointSchema,
          );
          return {
            id,
            is: mapSeen(listed, (all) =>
              all.filter((endpoint) =>
                linkConnections(endpoint).some(({ properties }) => sameId(properties?.privateLinkServiceId, id)),
              ),
            ),
          };
        }),
      ),
    );
  },
});
