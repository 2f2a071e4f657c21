import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs } from "./arm-read.ts";
import { clusterIds, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { text } from "./wire.ts";

const connectedClusterSchema = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    /** `Connecting`, `Connected`, `Offline`, `Expired` or `AgentNotInstalled`, as Azure Arc sees the cluster's agents. */
    connectivityStatus: text,
    lastConnectivityTime: text,
  }),
});
export type ConnectedCluster = z.infer<typeof connectedClusterSchema>;

/** The clusters under the attachments that Azure Arc connects; one that was deleted is absent. */
export const connectedClusters = defineFact({
  key: "arm/connected-clusters",
  needs: { attachments: kubernetesAttachments },
  reads: ["Microsoft.Kubernetes/connectedClusters/read"],
  schema: z.array(eachOf(connectedClusterSchema)),
  async collect({ attachments }, context) {
    const ids = clusterIds(attachments).filter((id) =>
      sameText(parseArmId(id)?.type, "Microsoft.Kubernetes/connectedClusters"),
    );
    return seen(
      await Promise.all(
        ids.map(async (id) => ({
          id,
          is: await getAs(context, id, apiVersions.connectedKubernetes, connectedClusterSchema),
        })),
      ),
    );
  },
});
