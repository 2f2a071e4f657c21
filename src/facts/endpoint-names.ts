import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { absent, mapSeen } from "../model/observation.ts";
import { getAs, listAs } from "./arm-read.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const reference = z.object({ id: z.string(), name: z.string(), properties: z.object({ scoringUri: text }).nullish() });

/**
 * The names that the workspace's online endpoints have, with their scoring addresses, when the one that was asked for is
 * not among them. Absent when none was asked for, or when it exists.
 */
export const endpointNames = defineFact({
  key: "arm/endpoint-names",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read"],
  schema: z.object({
    wanted: z.string(),
    known: z.array(z.object({ id: z.string(), name: z.string(), scoringUri: z.string().optional() })),
  }),
  async collect({ workspace: { id } }, context) {
    const { endpoint: wanted } = context.target;
    if (wanted === undefined) return absent;
    const asked = await getAs(context, `${id}/onlineEndpoints/${wanted}`, apiVersions.machineLearning, reference);
    if (asked.is !== "absent") return asked.is === "gap" ? asked : absent;
    const listed = await listAs(context, `${id}/onlineEndpoints`, apiVersions.machineLearning, reference);
    return mapSeen(listed, (all) => ({
      wanted,
      known: all.map(({ id: endpointId, name, properties }) => ({
        id: endpointId,
        name,
        ...(properties?.scoringUri ? { scoringUri: properties.scoringUri } : {}),
      })),
    }));
  },
});
