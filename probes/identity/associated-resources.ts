import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-workspace#associated-resources";

/**
 * The workspace's resources have to share its subscription and tenant; another resource group is fine. What came up in
 * spite of it is only worth a word.
 */
export default defineProbe({
  id: "identity/associated-resources",
  title: "The workspace's resources share its subscription and tenant",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, keyVault: raw(keyVault), endpoints: raw(onlineEndpoints), failures: raw(deploymentFailures) },
  consequence: "Whether the workspace's resources share its subscription and tenant",
  advisory: true,
  reasons: {
    "ws-dependencies-subscription-or-tenant": reason<{ workspaceId: string; resources: readonly string[] }>({
      severity: "error",
      title:
        "Resources of the workspace stand in another subscription or tenant, which online endpoints do not support",
      detail: ({ resources }) => `Not in the workspace's subscription or tenant: ${resources.join(", ")}.`,
      fix: ({ workspaceId, resources }) => ({
        summary: resources.some((id) => /\/(?:storageAccounts|vaults)\//i.test(id))
          ? "Create a new workspace whose storage and key vault stand in its own subscription: those two cannot be exchanged"
          : "Attach a registry of the workspace's own subscription",
        commands: [
          azRest("get", workspaceId, apiVersions.machineLearning),
          ...resources
            .filter((id) => /\/registries\//i.test(id))
            .map((id) =>
              azRest(
                "get",
                `/subscriptions/${parseArmId(workspaceId)?.subscriptionId ?? ""}/providers/${parseArmId(id)?.type.split("/").slice(0, 2).join("/") ?? ""}`,
                apiVersions.containerRegistry,
              ),
            ),
        ],
        warning: "Environments have to build their images anew after a change of registry.",
        verify: [
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.[storageAccount,keyVault,containerRegistry]`,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: space, keyVault: vault, endpoints, failures }, say) {
    const own = parseArmId(space.id)?.subscriptionId ?? "";
    const { storageAccount, keyVault: vaultId, containerRegistry, tenantId } = space.properties;
    const foreign = [storageAccount, vaultId, containerRegistry].flatMap((id) =>
      id && parseArmId(id) !== undefined && !sameText(parseArmId(id)?.subscriptionId, own) ? [id] : [],
    );
    const vaultTenant = valueOf(vault)?.properties.tenantId ?? undefined;
    const home = tenantId ?? space.identity?.tenantId ?? undefined;
    const otherTenant = vaultTenant !== undefined && home !== undefined && !sameText(vaultTenant, home);
    const resources = [...new Set([...foreign, ...(otherTenant && vaultId ? [vaultId] : [])])];
    if (resources.length === 0) return say.pass(undefined, { subject: space.id });
    const troubled =
      (valueOf(failures) ?? []).length > 0 ||
      (valueOf(endpoints) ?? []).some(({ endpoint }) => sameText(endpoint.properties.provisioningState, "Failed"));
    return say.found("ws-dependencies-subscription-or-tenant", {
      subject: space.id,
      about: [...resources, ...(valueOf(failures) ?? []).map(({ deploymentId }) => deploymentId)],
      data: { workspaceId: space.id, resources },
      evidence: [
        ...foreign.slice(0, 3).map((id) => armEvidence(space.id, "properties", id, `subscription ${own}`)),
        ...(otherTenant ? [armEvidence(vaultId ?? space.id, "properties.tenantId", vaultTenant, home)] : []),
      ],
      confidence: "likely",
      inferredFrom: "where the resources stand and that something failed; the service did not say so",
      ...(troubled ? {} : { as: "warning" as const }),
    });
  },
});
