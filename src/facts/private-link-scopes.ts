import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { listAs } from "./arm-read.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const scope = z.object({
  id: z.string(),
  name: text,
  properties: z.object({
    accessModeSettings: z.object({ ingestionAccessMode: text, queryAccessMode: text }).nullish(),
  }),
});
export type PrivateLinkScope = z.infer<typeof scope>;

/** Azure Monitor's private link scopes of the subscription of the workspace's Application Insights; absent when the
 * workspace has none. */
export const privateLinkScopes = defineFact({
  key: "arm/private-link-scopes",
  needs: { workspace },
  reads: ["Microsoft.Insights/privateLinkScopes/read"],
  schema: z.array(scope),
  async collect({ workspace: { properties } }, context) {
    const subscription = properties.applicationInsights?.split("/")[2];
    if (!subscription) return { is: "absent" };
    return listAs(
      context,
      `/subscriptions/${subscription}/providers/Microsoft.Insights/privateLinkScopes`,
      "2021-07-01-preview",
      scope,
    );
  },
});
