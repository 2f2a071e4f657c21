import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";

/** The v1 flag `allowPublicAccessWhenBehindVnet` and the newer `publicNetworkAccess` drive one behaviour, and whoever
 * writes last wins. The v1 flag means something only beside a private endpoint; absent it says nothing. */
export default defineProbe({
  id: "workspace/access-flags",
  title: "The workspace's two settings for public access agree",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace },
  advisory: true,
  reasons: {
    "ws-access-flags-conflict": reason<{ workspaceId: string; flag: boolean; access: string }>({
      severity: "warning",
      title: "The workspace's old and new settings for public access contradict each other",
      detail: ({ flag, access }) =>
        `allowPublicAccessWhenBehindVnet is ${flag ? "true" : "false"}, publicNetworkAccess is ${access}: the next program that writes the one changes the other.`,
      fix: ({ workspaceId, access }) => ({
        summary: `State publicNetworkAccess (${access}) alone, and take allow_public_access_when_behind_vnet out of the scripts and templates that set it`,
        commands: [
          azRest("get", workspaceId, apiVersions.machineLearning),
          azRest("patch", workspaceId, apiVersions.machineLearning, { properties: { publicNetworkAccess: access } }),
        ],
        warning: "Programs of the v1 SDK may set the old flag again: look for them in the workspace's activity log.",
        verify: [
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.[publicNetworkAccess,allowPublicAccessWhenBehindVnet]`,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties } }, say) {
    const { allowPublicAccessWhenBehindVnet: flag, publicNetworkAccess: access } = properties;
    if (typeof flag !== "boolean" || !access)
      return say.pass("The workspace states public access once", { subject: id });
    const hasEndpoint = (properties.privateEndpointConnections ?? []).length > 0;
    const contradicts = flag ? sameText(access, "Disabled") : sameText(access, "Enabled") && hasEndpoint;
    if (!contradicts) return say.pass(undefined, { subject: id });
    return say.found("ws-access-flags-conflict", {
      subject: id,
      data: { workspaceId: id, flag, access },
      evidence: [
        armEvidence(id, "properties.allowPublicAccessWhenBehindVnet", flag),
        armEvidence(id, "properties.publicNetworkAccess", access),
      ],
    });
  },
});
