import { isPrivateAddress } from "../../src/model/address.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { listOutboundRules, showLogs, showState } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { deploymentLogs } from "../../src/facts/deployment-logs.ts";
import { linkedResources } from "../../src/facts/linked-resources.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint";

interface Refused {
  readonly deploymentId: string;
  readonly workspaceId: string;
  readonly words: readonly string[];
}

const said = ({ words }: Refused): string => `The log says: ${words.join(" · ")}`;

/**
 * The egress flag of a deployment: the service's own refusals of it, and what a deployment with secured egress calls.
 * Secured egress reaches the workspace, its default blob storage and its registry, and nothing else.
 */
export default defineProbe({
  id: "deployment/egress",
  title: "The deployments' egress settings fit what they need",
  layer: "endpoint",
  docs: [docs],
  needs: {
    workspace: networkHome,
    endpoints: onlineEndpoints,
    failures: deploymentFailures,
    logs: raw(deploymentLogs),
    linked: raw(linkedResources),
  },
  consequence: "Whether the deployments' egress settings fit what they need",
  advisory: true,
  reasons: {
    "dep-egress-flag-with-managed-vnet": reason<Refused>({
      severity: "error",
      title: "The deployment was sent with an egress flag, which a workspace with a managed network refuses",
      detail: said,
      fix: ({ workspaceId, deploymentId }) => ({
        summary:
          "Take egress_public_network_access out of the deployment's definition and deploy again; the outbound rules of the managed network decide instead",
        commands: [listOutboundRules(workspaceId)],
        verify: [showState(deploymentId)],
        docs,
      }),
    }),
    "dep-egress-flag-immutable": reason<Refused>({
      severity: "error",
      title: "The update changes the deployment's egress flag, which is fixed when a deployment is created",
      detail: said,
      fix: ({ deploymentId }) => ({
        summary:
          "Create a second deployment with the flag you want, move the traffic to it, and remove the first one later",
        commands: [azRest("get", deploymentId, apiVersions.machineLearning)],
        warning:
          "Move the traffic first: removing a deployment drops the requests that it still serves. Each secured deployment brings three private endpoints.",
        verify: [
          `${azRest("get", deploymentId, apiVersions.machineLearning).text} --query properties.egressPublicNetworkAccess`,
        ],
        docs,
      }),
    }),
    "dep-mlflow-nocode-with-legacy-egress": reason<Refused>({
      severity: "error",
      title: "An MLflow model without code is deployed with secured egress, which the service does not support",
      detail: said,
      fix: ({ workspaceId, deploymentId }) => ({
        summary:
          "Use a managed network for the workspace, or give the deployment its own environment and scoring script",
        commands: [azRest("get", workspaceId, apiVersions.machineLearning)],
        verify: [showState(deploymentId)],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints",
      }),
    }),
    "dep-egress-disabled-foreign-target": reason<Refused & { host: string }>({
      severity: "error",
      title: "A deployment with secured egress calls something other than its workspace, default storage and registry",
      detail: said,
      fix: ({ workspaceId, deploymentId }) => ({
        summary:
          "Let the workspace's managed network carry the call: plan one with an outbound rule to the target, and create the deployment anew in it",
        commands: [showLogs(deploymentId), azRest("get", workspaceId, apiVersions.machineLearning)],
        warning:
          "The egress flag of a deployment cannot be changed, and its network cannot be peered with yours. A managed network cannot be switched off again.",
        verify: [showLogs(deploymentId).text],
        docs,
      }),
      causedBy: ["dep-deployment-vnet-no-peering", "acr-mcr-blocked", "acr-private-third-party-registry"],
    }),
    "dep-deployment-vnet-no-peering": reason<Refused & { host: string }>({
      severity: "error",
      title:
        "A deployment with secured egress calls a private address, and its network is not joined with any of yours",
      detail: said,
      fix: ({ workspaceId, deploymentId }) => ({
        summary: "Publish the target with a private endpoint, and reach it by an outbound rule of a managed network",
        commands: [showLogs(deploymentId), azRest("get", workspaceId, apiVersions.machineLearning)],
        verify: [showLogs(deploymentId).text],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties }, endpoints, failures, logs, linked }, say) {
    const refusals = failures.flatMap(({ deploymentId, endpointId, stage, words }) => {
      const what = {
        subject: deploymentId,
        about: [endpointId],
        data: { deploymentId, workspaceId: id, words },
        evidence: words.map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
      };
      if (stage === "egress-flag")
        return [
          say.found("dep-egress-flag-with-managed-vnet", {
            ...what,
            evidence: [
              ...what.evidence,
              armEvidence(
                id,
                "properties.managedNetwork.isolationMode",
                properties.managedNetwork?.isolationMode ?? undefined,
              ),
            ],
          }),
        ];
      if (stage === "egress-flag-changed") return [say.found("dep-egress-flag-immutable", what)];
      if (stage === "mlflow") return [say.found("dep-mlflow-nocode-with-legacy-egress", what)];
      return [];
    });
    const mode = properties.managedNetwork?.isolationMode;
    const secured =
      mode && !sameText(mode, "Disabled")
        ? []
        : endpoints.flatMap(({ endpoint, deployments }) =>
            (valueOf(deployments) ?? [])
              .filter(({ properties: each }) => sameText(each.egressPublicNetworkAccess, "Disabled"))
              .map((deployment) => ({ endpoint, deployment })),
          );
    const own = (valueOf(linked) ?? [])
      .filter(({ resourceId }) =>
        [properties.storageAccount, properties.containerRegistry].some((one) => sameId(one, resourceId)),
      )
      .map(({ host }) => host);
    const calls = secured.flatMap(({ endpoint, deployment }) => {
      const log = (valueOf(logs) ?? []).find((each) => sameId(each.id, deployment.id))?.is;
      return ((log && valueOf(log)?.refusedCalls) ?? [])
        .filter(
          ({ host }) => !own.includes(host) && !/\.(?:azurecr\.\w+|api\.azureml\.ms|api\.ml\.azure\.\w+)$/.test(host),
        )
        .map((call) =>
          say.found(
            isPrivateAddress(call.host) ? "dep-deployment-vnet-no-peering" : "dep-egress-disabled-foreign-target",
            {
              subject: deployment.id,
              about: [
                endpoint.id,
                call.host,
                ...(valueOf(linked) ?? []).filter(({ host }) => host === call.host).map(({ resourceId }) => resourceId),
              ],
              data: { deploymentId: deployment.id, workspaceId: id, words: [call.line], host: call.host },
              evidence: [
                { kind: "log", source: `${deployment.id} getLogs`, observed: call.line },
                armEvidence(
                  deployment.id,
                  "properties.egressPublicNetworkAccess",
                  deployment.properties.egressPublicNetworkAccess ?? undefined,
                ),
              ],
            },
          ),
        );
    });
    const found = [...refusals, ...calls];
    return found.length > 0 ? found : say.pass();
  },
});
