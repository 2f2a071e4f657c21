import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { registry } from "../../src/facts/registry.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network";

/** A managed deployment with public egress beside private dependencies, in a workspace without a managed network: it cannot
 * reach them. The failures that follow have checks of their own; this says what design they come from. */
export default defineProbe({
  id: "managed-network/isolation",
  title: "Managed deployments have a private way out where the dependencies are private",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace: networkHome,
    endpoints: onlineEndpoints,
    registry: raw(registry),
    accounts: raw(storageAccounts),
  },
  advisory: true,
  reasons: {
    "mn-isolation-disabled-private-deps": reason<{ workspaceId: string; deployments: readonly string[] }>({
      severity: "warning",
      title: "Managed network isolation is off while managed deployments depend on private resources",
      detail: ({ deployments }) =>
        `${deployments.join(", ")} ${deployments.length === 1 ? "goes" : "go"} out publicly, and a dependency lets nobody in publicly.`,
      fix: ({ workspaceId }) => ({
        summary:
          "Plan a managed network for the workspace; its computes and managed endpoints are created anew afterwards",
        commands: [
          azRest("get", `${workspaceId}/computes`, apiVersions.machineLearning),
          azRest("get", `${workspaceId}/onlineEndpoints`, apiVersions.machineLearning),
        ],
        warning:
          "It is one way: a managed network cannot be switched off again, and approved-only cannot go back to internet outbound.",
        verify: [`${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.managedNetwork`],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties }, endpoints, registry: images, accounts }, say) {
    const mode = properties.managedNetwork?.isolationMode;
    if (mode && !sameText(mode, "Disabled")) return say.skip("the workspace has a managed network");
    const closed = [
      valueOf(images),
      ...(valueOf(accounts) ?? []).filter(({ isDefault }) => isDefault).map(({ is }) => valueOf(is)),
    ].flatMap((each) => (each && sameText(each.properties.publicNetworkAccess, "Disabled") ? [each] : []));
    const outgoing = endpoints
      .flatMap(({ deployments }) => valueOf(deployments) ?? [])
      .filter(
        ({ properties: each }) =>
          sameText(each.endpointComputeType, "Managed") && sameText(each.egressPublicNetworkAccess, "Enabled"),
      );
    if (closed.length === 0 || outgoing.length === 0) return say.pass(undefined, { subject: id });
    return say.found("mn-isolation-disabled-private-deps", {
      subject: id,
      data: { workspaceId: id, deployments: outgoing.map(({ name }) => name) },
      evidence: [
        armEvidence(id, "properties.managedNetwork.isolationMode", mode ?? undefined),
        ...closed
          .slice(0, 2)
          .map((each) =>
            armEvidence(each.id, "properties.publicNetworkAccess", each.properties.publicNetworkAccess ?? undefined),
          ),
        ...outgoing
          .slice(0, 1)
          .map((each) =>
            armEvidence(
              each.id,
              "properties.egressPublicNetworkAccess",
              each.properties.egressPublicNetworkAccess ?? undefined,
              "Disabled",
            ),
          ),
      ],
    });
  },
});
