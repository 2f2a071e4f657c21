import { apiVersions } from "../model/api-versions.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, seen, valueOf, type Observation } from "../model/observation.ts";
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

/** The workspace whose private endpoints and names count: a project's hub, and every other one itself.
 * Undefined for a project whose hub cannot be seen. */
export function homeOf(space: Workspace, known: Observation<Workspace>): Workspace | undefined {
  return space.properties.hubResourceId ? valueOf(known) : space;
}

/** The workspace whose managed network the computes and deployments stand in: a project's hub, and every other one itself. */
export const networkHome = defineFact({
  key: "derived/network-home",
  needs: { workspace, hub: raw(hub) },
  reads: [],
  schema: workspaceSchema,
  collect: ({ workspace: space, hub: known }) => (space.properties.hubResourceId ? known : seen(space)),
});
