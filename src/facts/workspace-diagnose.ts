import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { mapSeen } from "../model/observation.ts";
import { azRest, type Command } from "../model/remediation.ts";
import { readAs } from "./arm-read.ts";
import { maskSecrets } from "./secret-mask.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const results = z.object({
  value: z.record(z.string(), z.array(z.object({ code: text, level: text, message: text })).nullish()).nullish(),
});

/** What the service is asked to look at; a category that is not asked for is not answered. */
const asked = {
  udr: {},
  nsg: {},
  resourceLock: {},
  dnsResolution: {},
  storageAccount: {},
  keyVault: {},
  containerRegistry: {},
  applicationInsights: {},
  others: {},
};

/** Asks the service for its diagnosis by hand, as widely as this tool does. */
export function askDiagnosis(workspaceId: string): Command {
  return azRest("post", `${workspaceId}/diagnose`, apiVersions.machineLearning, { value: asked });
}

/** What the service's own diagnosis of the workspace found, seen from the service and not from this machine. */
export const workspaceDiagnose = defineFact({
  key: "arm/workspace-diagnose",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/diagnose/action"],
  schema: z.array(z.object({ category: z.string(), code: z.string(), level: z.string(), message: z.string() })),
  async collect({ workspace: { id } }, context) {
    const at = `${id}/diagnose`;
    const answered = await context.arm.read(at, {
      apiVersion: apiVersions.machineLearning,
      action: "diagnose",
      body: { value: asked },
    });
    return mapSeen(readAs(results, answered, `POST ${at}`), ({ value }) =>
      Object.entries(value ?? {}).flatMap(([category, found]) =>
        (found ?? []).map(({ code, level, message }) => ({
          category,
          code: code ?? "",
          level: level ?? "",
          message: maskSecrets(message ?? "", 500),
        })),
      ),
    );
  },
});
