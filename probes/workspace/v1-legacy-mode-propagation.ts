import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { maybe } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { legacyModeRefusals } from "../../src/facts/legacy-mode-refusals.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-network-isolation-with-v2";
/** How long after a change a refusal is still laid to it: an hour is documented as usual, and more as possible. */
const longestMinutes = 120;

/**
 * An endpoint was refused because of v1_legacy_mode although the flag is off. Between a write of the workspace and the
 * moment when every part of the service knows the new value lies up to an hour. The activity log does not tell what a
 * write changed, so that this write is taken for the change of the flag by its time alone.
 */
export default defineProbe({
  id: "workspace/v1-legacy-mode-propagation",
  title: "Nobody was refused for v1_legacy_mode since it is off",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, refusals: maybe(legacyModeRefusals) },
  consequence: "Whether a change of v1_legacy_mode is in force",
  advisory: true,
  reasons: {
    "ws-v1-legacy-mode-propagating": reason<{ endpointId: string; minutes: number }>({
      severity: "error",
      title: "The service still refused an endpoint because of v1_legacy_mode shortly after it was turned off",
      detail: ({ minutes }) =>
        `properties.v1LegacyMode is false, and ${minutes} minutes after the workspace was written the endpoint was refused as if it were true.`,
      fix: ({ endpointId }) => ({
        summary: "Wait until the change is in force everywhere, then create the endpoint again",
        commands: [azRest("get", endpointId.split("/onlineEndpoints/")[0] ?? endpointId, apiVersions.machineLearning)],
        warning: "Do not set the flag back and forth meanwhile: it is off already.",
        takesEffect: "30 to 60 minutes after the flag was changed, sometimes longer",
        verify: [azRest("get", endpointId, apiVersions.machineLearning).text],
        docs,
      }),
      rivals: ["ws-v1-legacy-mode-enabled"],
    }),
  },
  judge({ workspace: { id, properties }, refusals }, say) {
    if (properties.v1LegacyMode === true) return say.skip("v1_legacy_mode is on: it is no change that is awaited", id);
    if (refusals === undefined) return say.skip("no endpoint is missing or failed", id);
    const found = refusals.endpoints.flatMap(({ id: endpointId, at, refusal }): Verdict[] => {
      if (refusal === undefined) return [];
      // A refusal that is older than the last write may be from before the flag was turned off, and right then.
      const write = refusals.writes.at(-1);
      if (write === undefined || Date.parse(write) > Date.parse(at)) return [];
      const minutes = Math.round((Date.parse(at) - Date.parse(write)) / 60_000);
      if (!(minutes <= longestMinutes)) return [];
      return [
        say.found("ws-v1-legacy-mode-propagating", {
          subject: endpointId,
          data: { endpointId, minutes },
          evidence: [
            armEvidence(id, "properties.v1LegacyMode", false),
            {
              kind: "log",
              source: `activity log of ${endpointId}`,
              observed: `${at}: write Failed: ${refusal}`,
              expected: "Succeeded, as the flag is off",
            },
            { kind: "log", source: `activity log of ${id}`, observed: `${write}: write Succeeded` },
          ],
          confidence: "likely",
          inferredFrom:
            "the refusal names the flag, and the workspace was written shortly before; what was written is not told",
          ruledOut: [{ id: "ws-v1-legacy-mode-enabled", by: "properties.v1LegacyMode is false" }],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: id });
  },
});
