import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { absent, valueOf, type Observation } from "../model/observation.ts";
import { getAs } from "./arm-read.ts";
import { workspace, workspaceSchema, type Workspace } from "./workspace.ts";

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

/** The workspace whose private endpoints, names and managed network count: a project's hub, and every other one itself.
 * Undefined for a project whose hub cannot be seen. */
export function homeOf(space: Workspace, known: Observation<Workspace>): Workspace | undefined {
  return space.properties.hubResourceId ? valueOf(known) : space;
}
