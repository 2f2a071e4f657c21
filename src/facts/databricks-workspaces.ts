import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs, uniqueIds } from "./arm-read.ts";
import { computes } from "./computes.ts";
import { text } from "./wire.ts";

export const databricksWorkspaceSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  properties: z.object({
    publicNetworkAccess: text,
    /** Holds the network that Databricks makes where the customer gave none. */
    managedResourceGroupId: text,
    /** Set where the clusters were put into a network of the customer. */
    parameters: z.object({ customVirtualNetworkId: z.object({ value: text }).nullish() }).nullish(),
  }),
});

/** The Azure Databricks workspaces that are attached as computes; one that was deleted is absent. */
export const databricksWorkspaces = defineFact({
  key: "arm/databricks-workspaces",
  needs: { computes },
  reads: ["Microsoft.Databricks/workspaces/read"],
  schema: z.array(eachOf(databricksWorkspaceSchema)),
  async collect({ computes: all }, context) {
    const ids = uniqueIds(
      all
        .filter(({ properties }) => sameText(properties.computeType, "Databricks"))
        .map(({ properties }) => properties.resourceId),
    ).filter((id) => sameText(parseArmId(id)?.type, "Microsoft.Databricks/workspaces"));
    return seen(
      await Promise.all(
        ids.map(async (id) => ({
          id,
          is: await getAs(context, id, apiVersions.databricks, databricksWorkspaceSchema),
        })),
      ),
    );
  },
});
