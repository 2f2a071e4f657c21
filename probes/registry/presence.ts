import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { registry } from "../../src/facts/registry.ts";
import { isApproved, isolationOf, serviceConnections } from "../../src/facts/service-connections.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#enable-azure-container-registry-acr";

/** That the workspace has a registry, and that it is not restricted in a way that the service cannot pass. */
export default defineProbe({
  id: "registry/presence",
  title: "The workspace has a registry that it can use",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/container-registry/allow-access-trusted-services"],
  needs: { workspace, registry: maybe(registry), privateEndpoints },
  consequence: "Whether the workspace has a registry that it can use",
  advisory: true,
  reasons: {
    "acr-not-created-yet": reason<{ workspaceId: string }>({
      severity: "warning",
      title: "The workspace has no container registry yet; the first build makes one, which is not private by itself",
      fix: ({ workspaceId }) => {
        const at = parseArmId(workspaceId);
        const name = `acr${(at?.name ?? "workspace").toLowerCase().replace(/[^a-z0-9]/g, "")}`;
        const group = ["--subscription", at?.subscriptionId ?? "", "--resource-group", at?.resourceGroup ?? ""];
        const id = `/subscriptions/${at?.subscriptionId ?? ""}/resourceGroups/${at?.resourceGroup ?? ""}/providers/Microsoft.ContainerRegistry/registries/${name}`;
        return {
          summary: "Create a Premium registry and attach it to the workspace before the first build",
          commands: [
            az("acr", "create", ...group, "--name", name, "--sku", "Premium", "--public-network-enabled", "false"),
            azRest("patch", workspaceId, apiVersions.machineLearning, { properties: { containerRegistry: id } }),
          ],
          warning: "Registry names are unique in all of Azure: choose another if this one is taken.",
          verify: [
            `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.containerRegistry`,
          ],
          docs,
        };
      },
    }),
    "acr-service-endpoint-in-use": reason<{ registryId: string; subnets: readonly string[] }>({
      severity: "error",
      title: "The registry is restricted by service endpoints, which the service cannot pass",
      detail: ({ subnets }) =>
        `networkRuleSet.virtualNetworkRules names ${subnets.join(", ")}, and no private endpoint is approved; the exception for trusted services has no effect here.`,
      fix: ({ registryId }) => {
        const at = parseArmId(registryId);
        return {
          summary: "Give the registry a private endpoint, then take the rules away",
          commands: [
            az(
              "acr",
              "network-rule",
              "list",
              "--subscription",
              at?.subscriptionId ?? "",
              "--resource-group",
              at?.resourceGroup ?? "",
              "--name",
              at?.name ?? "",
            ),
            az("network", "vnet", "list", "--output", "table"),
          ],
          warning:
            "Machines and clusters in those subnets lose the registry with the rules: the private endpoint has to serve them first.",
          verify: [
            az(
              "acr",
              "network-rule",
              "list",
              "--subscription",
              at?.subscriptionId ?? "",
              "--resource-group",
              at?.resourceGroup ?? "",
              "--name",
              at?.name ?? "",
            ).text,
          ],
          docs,
        };
      },
    }),
  },
  judge({ workspace: space, registry: known, privateEndpoints: { entries } }, say) {
    if (known === undefined) {
      const secured = sameText(space.properties.publicNetworkAccess, "Disabled") || isolationOf(space) === "managed";
      if (space.properties.containerRegistry)
        return say.pass("The workspace names a registry; whether it exists is judged elsewhere", { subject: space.id });
      if (!secured)
        return say.pass("The workspace is public and makes a registry when it needs one", { subject: space.id });
      return say.found("acr-not-created-yet", {
        subject: space.id,
        data: { workspaceId: space.id },
        evidence: [
          armEvidence(
            space.id,
            "properties.containerRegistry",
            space.properties.containerRegistry ?? undefined,
            "the id of a registry",
          ),
        ],
      });
    }
    const subnets = (known.properties.networkRuleSet?.virtualNetworkRules ?? []).flatMap(({ id }) => id ?? []);
    const approved = serviceConnections(known, entries, space).some(isApproved);
    if (subnets.length === 0 || approved || !sameText(known.properties.networkRuleSet?.defaultAction, "Deny"))
      return say.pass(undefined, { subject: known.id });
    return say.found("acr-service-endpoint-in-use", {
      subject: known.id,
      about: subnets,
      data: { registryId: known.id, subnets },
      evidence: [
        armEvidence(known.id, "properties.networkRuleSet.virtualNetworkRules", subnets, "none"),
        armEvidence(known.id, "properties.privateEndpointConnections", "none approved", "an approved one"),
      ],
    });
  },
});
