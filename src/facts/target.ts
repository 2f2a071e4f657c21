import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { workspaceId } from "../model/arm-id.ts";

/** What was asked for on the command line, and the names of the cloud it is in. */
export const target = defineFact({
  key: "run/target",
  needs: {},
  reads: [],
  schema: z.object({
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    workspace: z.string(),
    endpoint: z.string().optional(),
    deployment: z.string().optional(),
    workspaceId: z.string(),
    cloud: z.string(),
    azureDns: z.string(),
  }),
  collect(_, { target: asked, cloud, azureDns }) {
    return seen({ ...asked, workspaceId: workspaceId(asked), cloud: cloud.name, azureDns });
  },
});
