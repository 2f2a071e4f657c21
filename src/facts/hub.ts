import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { absent } from "../model/observation.ts";
import { getAs } from "./arm-read.ts";
import { workspace, workspaceSchema } from "./workspace.ts";

/** The hub of a project workspace; absent for every other workspace. A project has no private endpoint and no names of its
 * own: both are its hub's. */
export const hub = defineFact({
  key: "arm/hub",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/read"],
  schema: workspaceSchema,
  collect({ workspace: { properties } }, context) {
    const id = properties.hubResourceId;
    return id ? getAs(context, id, apiVersions.machineLearning, workspaceSchema) : absent;
  },
});
