import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { eachOf, listAs } from "./arm-read.ts";
import { onKubernetes, onlineEndpoints } from "./online-endpoints.ts";
import { flag, text } from "./wire.ts";

const setting = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    /** The Log Analytics workspace that it sends to. */
    workspaceId: text,
    logs: z.array(z.object({ category: text, categoryGroup: text, enabled: flag })).nullish(),
  }),
});
export type DiagnosticSetting = z.infer<typeof setting>;

/** What is sent where of each managed endpoint; at most 20 endpoints are asked. The id of each is the endpoint's. */
export const diagnosticSettings = defineFact({
  key: "arm/diagnostic-settings",
  needs: { onlineEndpoints },
  reads: ["Microsoft.Insights/diagnosticSettings/read"],
  schema: z.array(eachOf(z.array(setting))),
  async collect({ onlineEndpoints: endpoints }, context) {
    const asked = endpoints.filter((each) => !onKubernetes(each)).slice(0, 20);
    return seen(
      await Promise.all(
        asked.map(async ({ endpoint: { id } }) => ({
          id,
          is: await listAs(
            context,
            `${id}/providers/Microsoft.Insights/diagnosticSettings`,
            apiVersions.diagnosticSettings,
            setting,
          ),
        })),
      ),
    );
  },
});
