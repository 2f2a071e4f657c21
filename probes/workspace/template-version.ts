import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { workspace } from "../../src/facts/workspace.ts";
import { workspaceTemplates } from "../../src/facts/workspace-templates.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-network-isolation-with-v2";
/** The first api-version in which the flag is off unless it is set. */
const turning = "2022-05-01";

/**
 * Whether a template with an old api-version wrote the workspace last: those set v1_legacy_mode with the private endpoint,
 * unasked, so that turning it off lasts until the next deployment. A note beside the flag itself, which is the cause.
 */
export default defineProbe({
  id: "workspace/template-version",
  title: "No template with an old api-version turns v1_legacy_mode on",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, templates: maybe(workspaceTemplates) },
  consequence: "Whether a template turns v1_legacy_mode on again",
  advisory: true,
  reasons: {
    "ws-v1-legacy-mode-reset-by-iac": reason<{ workspaceId: string; deploymentId: string; apiVersion: string }>({
      severity: "warning",
      title: "The workspace was last deployed with an api-version that turns v1_legacy_mode on by itself",
      detail: ({ deploymentId, apiVersion }) =>
        `${parseArmId(deploymentId)?.name ?? deploymentId} wrote the workspace with api-version ${apiVersion}; from ${turning} on the flag stays off unless it is set.`,
      fix: ({ workspaceId, deploymentId }) => {
        const its = parseArmId(deploymentId);
        return {
          summary: `In the template behind this deployment, write the workspace with api-version ${turning} or newer and set v1LegacyMode to false, before the flag is turned off by hand`,
          commands:
            its === undefined
              ? []
              : [
                  az(
                    "deployment",
                    "group",
                    "export",
                    "--subscription",
                    its.subscriptionId,
                    "--resource-group",
                    its.resourceGroup,
                    "--name",
                    its.name,
                  ),
                ],
          warning: "Ask the network security team first: the flag may be on deliberately.",
          takesEffect: "With the next deployment of the template",
          verify: [`${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.v1LegacyMode`],
          docs,
        };
      },
    }),
  },
  judge({ workspace: { id, properties }, templates }, say) {
    if (properties.v1LegacyMode !== true || templates === undefined) return say.skip("v1_legacy_mode is not on", id);
    const [last] = templates;
    if (last === undefined) return say.skip("no template deployment of the resource group wrote the workspace", id);
    if (last.apiVersion === undefined)
      return say.skip("the service does not tell with which api-version the workspace was deployed", id);
    const evidence = [
      armEvidence(last.deploymentId, "properties.outputResources[].apiVersion", last.apiVersion, `${turning} or newer`),
      armEvidence(last.deploymentId, "properties.timestamp", last.timestamp),
      armEvidence(id, "properties.v1LegacyMode", true, "false"),
    ];
    // Api-versions begin with a date: `2021-07-01`, `2022-02-01-preview`.
    if (last.apiVersion.slice(0, 10) >= turning) return say.pass(undefined, { subject: id, evidence });
    return say.found("ws-v1-legacy-mode-reset-by-iac", {
      subject: last.deploymentId,
      about: [id],
      data: { workspaceId: id, deploymentId: last.deploymentId, apiVersion: last.apiVersion },
      evidence,
      confidence: "likely",
      inferredFrom:
        "the api-version of the last template that wrote the workspace; the template may also set the flag itself",
    });
  },
});
