import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { hub } from "../../src/facts/hub.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-hub-workspace";
const permission = "Microsoft.MachineLearningServices/workspaces/read";

/**
 * A project is reached by its hub's private endpoint and names, and obeys the hub's settings; what the project itself
 * carries of them counts for nothing. A project that says otherwise than its hub misleads whoever reads it.
 */
export default defineProbe({
  id: "workspace/hub",
  title: "The workspace's network settings are its own, or agree with its hub's",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, hub: raw(hub) },
  consequence:
    "Whether the hub's private endpoint and names work, by which this project is reached: they were left out",
  reasons: {
    "ws-hub-project-fqdn-inheritance": reason<{ hubId: string; own: string; inherited: string }>({
      severity: "warning",
      title: "The project's public access reads otherwise than its hub's, and the hub's counts",
      detail: ({ hubId, own, inherited }) =>
        `publicNetworkAccess of the project is ${own}, of its hub ${parseArmId(hubId)?.name ?? hubId} ${inherited}. Private endpoints and names are the hub's too.`,
      fix: ({ hubId }) => ({
        summary: "Read and change network settings at the hub",
        commands: [azRest("get", hubId, apiVersions.machineLearning)],
        verify: [`${azRest("get", hubId, apiVersions.machineLearning).text} --query properties.publicNetworkAccess`],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties }, hub: home }, say) {
    if (!properties.hubResourceId) return say.skip("the workspace is no project of a hub", id);
    if (home.is === "gap") return say.unknown(home, { subject: properties.hubResourceId });
    // No project outlives its hub: one that is not found stands where this identity sees nothing.
    if (home.is === "absent")
      return say.unknown(
        `the project names the hub ${properties.hubResourceId}, which is not found: this identity sees nothing there`,
        { subject: properties.hubResourceId, permission },
      );
    const own = properties.publicNetworkAccess;
    const inherited = home.value.properties.publicNetworkAccess;
    if (own && inherited && !sameText(own, inherited))
      return say.found("ws-hub-project-fqdn-inheritance", {
        subject: id,
        about: [home.value.id],
        data: { hubId: home.value.id, own, inherited },
        evidence: [
          armEvidence(id, "properties.publicNetworkAccess", own),
          armEvidence(home.value.id, "properties.publicNetworkAccess", inherited),
        ],
      });
    return say.pass(`A project of the hub ${home.value.name}, whose private endpoint and names it uses`, {
      subject: id,
      evidence: [armEvidence(id, "properties.hubResourceId", properties.hubResourceId)],
    });
  },
});
