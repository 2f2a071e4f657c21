import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { listAs } from "./arm-read.ts";
import { privateEndpointConnection } from "./wire.ts";
import { workspace } from "./workspace.ts";

/**
 * The private endpoint connections of the workspace. The list tells more than the copies inside the workspace (the
 * addresses of each member); where the list cannot be read, the copies stand in.
 */
export const workspaceConnections = defineFact({
  key: "arm/workspace-private-endpoint-connections",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/privateEndpointConnections/read"],
  schema: z.array(privateEndpointConnection),
  async collect({ workspace: { id, properties } }, context) {
    const listed = await listAs(
      context,
      `${id}/privateEndpointConnections`,
      apiVersions.machineLearning,
      privateEndpointConnection,
    );
    if (listed.is === "value") return listed;
    const embedded = properties.privateEndpointConnections;
    return embedded ? seen(embedded) : listed;
  },
});
