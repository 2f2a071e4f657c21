import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-network-isolation-with-v2";

/**
 * `v1LegacyMode` true refuses everything that the v2 API brought, online endpoints first. The flag absent says nothing of
 * the kind: old api-versions leave it out, so absent is reported as what it is and never as "off was seen".
 */
export default defineProbe({
  id: "workspace/v1-legacy-mode",
  title: "The workspace allows the v2 API (v1_legacy_mode is off)",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace },
  reasons: {
    "ws-v1-legacy-mode-enabled": reason<{ workspaceId: string }>({
      severity: "error",
      title: "v1_legacy_mode is on, so the workspace refuses online endpoints and everything else of the v2 API",
      detail: () =>
        "properties.v1LegacyMode is true. Creating any online endpoint fails with a message that names V1LegacyMode, while v1 operations go on working.",
      fix: ({ workspaceId }) => ({
        summary: "Turn v1_legacy_mode off (set it to false)",
        commands: [azRest("patch", workspaceId, apiVersions.machineLearning, { properties: { v1LegacyMode: false } })],
        warning:
          "Ask the network security team first: the flag may be on deliberately, to keep operations off the public Azure Resource Manager. With it off, most v2 operations and their metadata travel over public ARM (TLS 1.2); data still goes over the private link.",
        takesEffect: "30 to 60 minutes, sometimes longer, until every operation sees it",
        verify: [`${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.v1LegacyMode`],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties } }, say) {
    const evidence = [armEvidence(id, "properties.v1LegacyMode", properties.v1LegacyMode ?? undefined, "false")];
    if (properties.v1LegacyMode === true)
      return say.found("ws-v1-legacy-mode-enabled", { subject: id, data: { workspaceId: id }, evidence });
    return say.pass(properties.v1LegacyMode === false ? undefined : "The workspace carries no v1_legacy_mode flag", {
      subject: id,
      evidence,
    });
  },
});
