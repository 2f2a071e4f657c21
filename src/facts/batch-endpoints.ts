import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { listAs } from "./arm-read.ts";
import { workspace } from "./workspace.ts";

/** The workspace's batch endpoints: they use queue and table storage, which nothing else here does. */
export const batchEndpoints = defineFact({
  key: "arm/batch-endpoints",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/batchEndpoints/read"],
  schema: z.array(z.object({ id: z.string(), name: z.string() })),
  collect: ({ workspace: { id } }, context) =>
    listAs(
      context,
      `${id}/batchEndpoints`,
      apiVersions.machineLearning,
      z.object({ id: z.string(), name: z.string() }),
    ),
});
