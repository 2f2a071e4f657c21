import { armEvidence } from "../../src/model/evidence.ts";
import { showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { target } from "../../src/facts/target.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints";

/** An endpoint that failed to come up. Its state names no reason; the workspace's other findings may. */
export default defineProbe({
  id: "endpoint/provisioning",
  title: "Every online endpoint is provisioned",
  layer: "endpoint",
  docs: [docs],
  needs: { target, workspace, endpoints: raw(onlineEndpoints) },
  consequence: "Whether the online endpoints came up",
  reasons: {
    "oe-create-failed": reason<{ endpointId: string; workspaceId: string; exists: boolean }>({
      severity: "error",
      title: "The online endpoint could not be created",
      fix: ({ endpointId, workspaceId, exists }) => ({
        summary: exists
          ? "Mend what the other findings name, then create the endpoint again with the same definition"
          : "See which endpoints the workspace has, and create this one when it is missing",
        commands: exists
          ? [azRest("get", endpointId, apiVersions.machineLearning), tryAgain(endpointId)]
          : [azRest("get", `${workspaceId}/onlineEndpoints`, apiVersions.machineLearning)],
        warning:
          "Creating an endpoint does not create a deployment; most network faults show only with the deployment.",
        verify: [showState(endpointId)],
        docs,
      }),
      retry: ({ endpointId }) => startAgain(endpointId, docs),
      causedBy: [
        "ws-provisioning-or-missing-dependency",
        "ws-v1-legacy-mode-enabled",
        "ws-v1-legacy-mode-propagating",
        "oe-policy-or-quota-blocked",
        "kv-bypass-not-azureservices",
        "kv-identity-permission-missing",
        "st-firewall-blocks-client",
      ],
    }),
  },
  judge({ target: asked, workspace: { id, properties }, endpoints }, say) {
    if (endpoints.is === "gap") return say.unknown(endpoints, { subject: id });
    if (endpoints.is === "absent") {
      if (asked.endpoint === undefined) return say.skip("the workspace has no online endpoints");
      const endpointId = `${id}/onlineEndpoints/${asked.endpoint}`;
      return say.found("oe-create-failed", {
        subject: endpointId,
        data: { endpointId, workspaceId: id, exists: false },
        evidence: [armEvidence(endpointId, "GET", "404", "the endpoint that was asked for")],
        as: "warning",
      });
    }
    if (endpoints.value.length === 0) return say.skip("the workspace has no online endpoints");
    return endpoints.value.map(({ endpoint }) => {
      const state = endpoint.properties.provisioningState ?? undefined;
      const evidence = [armEvidence(endpoint.id, "properties.provisioningState", state, "Succeeded")];
      if (sameText(state, "Succeeded")) return say.pass(undefined, { subject: endpoint.id, evidence });
      if (state === undefined || !/^(?:failed|cancell?ed)$/i.test(state))
        return say.skip(`the endpoint is ${state ?? "in no known state"}`, endpoint.id);
      const dependencies = [properties.keyVault, properties.storageAccount].flatMap((one) => one ?? []);
      return say.found("oe-create-failed", {
        subject: endpoint.id,
        about: dependencies,
        data: { endpointId: endpoint.id, workspaceId: id, exists: true },
        evidence,
      });
    });
  },
});
