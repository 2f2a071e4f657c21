import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { listAs } from "./arm-read.ts";
import { flag, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

export const datastoreSchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({
    datastoreType: text,
    isDefault: flag,
    accountName: text,
    containerName: text,
    filesystem: text,
    fileShareName: text,
    endpoint: text,
    protocol: text,
    subscriptionId: text,
    resourceGroup: text,
    serviceDataAccessAuthIdentity: text,
    credentials: z.object({ credentialsType: text }).nullish(),
  }),
});

/** The workspace's datastores, without their secrets. */
export const datastores = defineFact({
  key: "arm/datastores",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/datastores/read"],
  schema: z.array(datastoreSchema),
  collect: ({ workspace: { id } }, context) =>
    listAs(context, `${id}/datastores`, apiVersions.machineLearning, datastoreSchema),
});
