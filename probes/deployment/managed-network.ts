import { armEvidence } from "../../src/model/evidence.ts";
import { provisionNetwork, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#manually-provision-a-managed-vnet";

/** Deployments that were refused with `WorkspaceManagedNetworkNotReady`. */
export default defineProbe({
  id: "deployment/managed-network",
  title: "No deployment was refused for want of the managed network",
  layer: "endpoint",
  docs: [docs],
  needs: { failures: deploymentFailures, workspace: networkHome },
  consequence: "Whether a deployment was refused because the managed network was not ready",
  reasons: {
    "dep-managed-network-not-ready": reason<{ deploymentId: string; workspaceId: string }>({
      severity: "error",
      title: "The deployment was refused because the workspace's managed network was not ready",
      fix: ({ deploymentId, workspaceId }) => ({
        summary: "Provision the managed network, then start the deployment again",
        commands: [provisionNetwork(workspaceId), tryAgain(deploymentId)],
        takesEffect: "about 30 minutes, and 10 more with the first FQDN rule",
        verify: [showState(deploymentId)],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: ["mn-not-provisioned"],
    }),
  },
  judge({ failures, workspace: { id, properties } }, say) {
    const refused = failures.filter(({ stage }) => stage === "managed-network");
    if (refused.length === 0) return say.pass();
    return refused.map(({ deploymentId, endpointId, words }) =>
      say.found("dep-managed-network-not-ready", {
        subject: deploymentId,
        about: [endpointId],
        data: { deploymentId, workspaceId: id },
        evidence: [
          ...words.map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
          armEvidence(
            id,
            "properties.managedNetwork.status.status",
            properties.managedNetwork?.status?.status ?? undefined,
            "Active",
          ),
        ],
      }),
    );
  },
});
