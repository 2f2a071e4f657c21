import { listConnections } from "../../src/model/access-commands.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { listOutboundRules, putOutboundRule, showLogs, showState } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { assetRegistries } from "../../src/facts/asset-registries.ts";
import { deploymentFailures, type DeploymentFailure } from "../../src/facts/deployment-failures.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-registry-network-isolation";

interface Closed {
  readonly workspaceId: string;
  readonly registryId: string;
  readonly name: string;
  readonly deploymentId: string;
  readonly asset: string;
  readonly managed: boolean;
  readonly rule?: string;
}

/** Where a deployment stops that cannot fetch such an asset. */
const stages: Readonly<Record<"model" | "environment", readonly DeploymentFailure["stage"][]>> = {
  model: ["model-download", "unstated"],
  environment: ["image-pull", "image-build", "unstated"],
};

/**
 * A registry of Azure Machine Learning is a resource of its own: a closed one is reached by a private endpoint of the managed
 * network, and by none of a deployment's own. One of another subscription, or of Microsoft's, is not seen here. A deployment
 * that came up has fetched what it needs: then it is a remark.
 */
export default defineProbe({
  id: "deployment/asset-registry",
  title: "Every deployment has a way to the registries that its models and environments come from",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace,
    registries: maybe(assetRegistries),
    rules: raw(outboundRules),
    failures: raw(deploymentFailures),
  },
  consequence: "Whether deployments reach the registries that their assets come from",
  advisory: true,
  reasons: {
    "dep-aml-registry-private": reason<Closed>({
      severity: "error",
      title: "A model or environment comes from an Azure Machine Learning registry that lets nobody in from outside",
      detail: ({ name, asset, managed, rule }) =>
        `${asset} is in the registry ${name}, whose publicNetworkAccess is Disabled; ${managed ? (rule === undefined ? "the managed network has no outbound rule to it" : `the outbound rule ${rule} to it is not Active`) : "without a managed network a deployment has no private way to a registry"}.`,
      fix: ({ workspaceId, registryId, name, deploymentId, managed }) =>
        managed
          ? {
              summary: "Add a private endpoint outbound rule to the registry, and approve its connection there",
              commands: [
                listOutboundRules(workspaceId),
                putOutboundRule(workspaceId, `pe-${name}`, {
                  type: "PrivateEndpoint",
                  destination: { serviceResourceId: registryId, subresourceTarget: "amlregistry", sparkEnabled: false },
                }),
              ],
              warning:
                "The registry's own storage and container registry are managed with it: give them no rules of their own.",
              takesEffect: "some minutes, after the connection is approved on the registry",
              verify: [
                listConnections(registryId),
                `${azRest("get", `${workspaceId}/outboundRules/pe-${name}`, apiVersions.machineLearning).text} --query properties.status`,
              ],
              docs,
            }
          : {
              summary:
                "Register a copy of the model or environment in the workspace from a machine that reaches both, and deploy that; or plan a managed network with a rule to the registry",
              commands: [
                azRest("get", deploymentId, apiVersions.machineLearning),
                showLogs(deploymentId, "StorageInitializer"),
              ],
              warning:
                "Egress that is secured the old way reaches the workspace, its default storage and its container registry, nothing else. With the ml extension: az ml model download --registry-name, then az ml model create.",
              verify: [showState(deploymentId)],
              docs,
            },
      causedBy: ["mn-outbound-rule-not-active", "mn-outbound-pe-pending", "mn-rbac-pe-permissions"],
      rivals: ["dep-identity-missing-roles", "st-model-in-foreign-storage"],
    }),
  },
  judge({ workspace: space, registries, rules, failures }, say) {
    if (registries === undefined)
      return say.skip("no deployment takes anything from a registry of Azure Machine Learning");
    const isolation = isolationOf(space);
    return registries.flatMap(({ name, registry, uses }): Verdict[] => {
      const subject = uses[0]?.deploymentId ?? space.id;
      if (registry.is === "gap") return [say.unknown(registry, { subject, matters: false })];
      if (registry.is === "absent")
        return [
          say.skip(`the registry ${name} is not in the workspace's subscription, so its network is not seen`, subject),
        ];
      const { id, properties } = registry.value;
      if (!sameText(properties.publicNetworkAccess, "Disabled"))
        return [say.pass(`The registry ${name} is not closed to the public`, { subject: id })];
      if (isolation === undefined) return [say.skip("the workspace does not say how it is isolated", id)];
      const managed = isolation === "managed";
      if (managed && rules.is === "gap") return [say.unknown(rules, { subject: id, matters: false })];
      const leading = (valueOf(rules) ?? []).filter(({ serviceResourceId }) => sameId(serviceResourceId, id));
      if (leading.some(({ status }) => sameText(status, "Active")))
        return [say.pass(`The managed network has an active rule to the registry ${name}`, { subject: id })];
      const rule = leading[0];
      return uses.map(({ deploymentId, endpointId, kind, asset }) => {
        const failure = (valueOf(failures) ?? []).find((each) => sameId(each.deploymentId, deploymentId));
        const hurts = failure !== undefined && stages[kind].includes(failure.stage);
        return say.found("dep-aml-registry-private", {
          subject: deploymentId,
          about: [endpointId, id, ...leading.map((each) => each.id)],
          data: {
            workspaceId: space.id,
            registryId: id,
            name,
            deploymentId,
            asset,
            managed,
            ...(rule === undefined ? {} : { rule: rule.name }),
          },
          evidence: [
            armEvidence(deploymentId, kind === "model" ? "properties.model" : "properties.environmentId", asset),
            armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess),
            armEvidence(
              `${space.id}/outboundRules`,
              "properties.destination.serviceResourceId",
              managed
                ? rule === undefined
                  ? "no rule to the registry"
                  : `${rule.name} (${rule.status ?? "no status"})`
                : "no managed network",
              `an Active rule to ${id}`,
            ),
            ...(failure?.words ?? [])
              .slice(0, 1)
              .map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
          ],
          inferredFrom:
            "the registry's setting, the deployment's assets and the outbound rules; the log does not name the registry",
          ruledOut: [
            { id: "st-model-in-foreign-storage", by: "the asset is a registry's, not one of a storage account" },
          ],
          ...(hurts ? {} : { as: "warning" as const }),
        });
      });
    });
  },
});
