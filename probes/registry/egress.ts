import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { copyWithSecuredEgress, securedCopy } from "../../src/model/deployment-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { parentId, sameId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { networkHome } from "../../src/facts/hub.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { isLocked, lockEvidence, registry } from "../../src/facts/registry.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint";

/**
 * Without a managed network the deployment's own flag decides how it goes out: `Enabled` (the default) over the internet,
 * where a private registry does not let it in. With a managed network the flag means nothing. On Kubernetes the cluster pulls.
 */
export default defineProbe({
  id: "registry/egress",
  title: "No deployment pulls over the internet from a private registry",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints"],
  needs: {
    workspace: networkHome,
    registry: maybe(registry),
    endpoints: onlineEndpoints,
    failures: raw(deploymentFailures),
  },
  consequence: "Whether deployments can pull from the private registry",
  reasons: {
    "acr-public-disabled-egress-enabled": reason<{ deploymentId: string; registryId: string; admits: string }>({
      severity: "error",
      title: "The deployment pulls over the internet from a registry that does not admit everybody",
      detail: ({ registryId, admits }) =>
        `egressPublicNetworkAccess is Enabled, expected Disabled; ${registryId.split("/").at(-1) ?? "the registry"} admits ${admits} only, and the workspace has no managed network that would carry the pull.`,
      fix: ({ deploymentId, registryId }) => ({
        summary:
          "Create a second deployment with egress_public_network_access disabled (or give the workspace a managed network first), and move the traffic to it",
        commands: [
          ...copyWithSecuredEgress(deploymentId),
          azRest("get", parentId(deploymentId), apiVersions.machineLearning),
        ],
        warning: `The flag cannot be changed on a deployment that exists. The first command writes its definition, with the flag changed, to deployment.json. Each such deployment brings three private endpoints (workspace, blob, registry), which ${registryId.split("/").at(-1) ?? "the registry"} has to approve. With the ml extension: az ml online-deployment create --set egress_public_network_access=disabled.`,
        verify: [
          `${azRest("get", securedCopy(deploymentId), apiVersions.machineLearning).text} --query properties.egressPublicNetworkAccess`,
        ],
        docs,
      }),
      anew: () => true,
      rivals: ["acr-identity-missing-acrpull", "acr-egress-pe-pending"],
    }),
  },
  judge({ workspace: space, registry: known, endpoints, failures }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const isolation = isolationOf(space);
    if (isolation === "managed") return say.skip("the managed network carries the deployments' traffic", space.id);
    if (!isLocked(known)) return say.pass("The registry is open to the public", { subject: known.id });
    if (isolation === undefined)
      return say.unknown("the workspace does not say whether it has a managed network", {
        subject: space.id,
        matters: false,
      });
    const found = endpoints
      .filter((each) => !onKubernetes(each))
      .flatMap(({ endpoint, deployments }): Verdict[] => {
        if (deployments.is === "gap") return [say.unknown(deployments, { subject: endpoint.id })];
        return (valueOf(deployments) ?? [])
          .filter(({ properties }) => sameText(properties.egressPublicNetworkAccess, "Enabled"))
          .map((deployment) => {
            const failure = (valueOf(failures) ?? []).find(({ deploymentId }) => sameId(deploymentId, deployment.id));
            const pull = failure?.stage === "image-pull";
            const settled = sameText(deployment.properties.provisioningState, "Succeeded");
            // Another stage failed: the image came, or was never asked for.
            const other =
              failure !== undefined &&
              !pull &&
              failure.stage !== "unstated" &&
              failure.stage !== "service" &&
              failure.stage !== "cancelled";
            const refused = (failure?.words ?? []).some((word) =>
              /pull permission|unauthorized|not found|manifest unknown/i.test(word),
            );
            const words: Evidence[] = pull
              ? failure.words
                  .slice(0, 1)
                  .map((observed) => ({ kind: "log", source: `${deployment.id} getLogs`, observed }))
              : [];
            return say.found("acr-public-disabled-egress-enabled", {
              subject: deployment.id,
              about: [known.id, endpoint.id, ...(known.properties.loginServer ? [known.properties.loginServer] : [])],
              data: {
                deploymentId: deployment.id,
                registryId: known.id,
                admits: sameText(known.properties.publicNetworkAccess, "Disabled")
                  ? "private endpoints"
                  : "private endpoints and listed addresses",
              },
              evidence: [
                armEvidence(
                  deployment.id,
                  "properties.egressPublicNetworkAccess",
                  deployment.properties.egressPublicNetworkAccess,
                  "Disabled",
                ),
                lockEvidence(known),
                armEvidence(
                  space.id,
                  "properties.managedNetwork.isolationMode",
                  space.properties.managedNetwork?.isolationMode ?? undefined,
                ),
                ...words,
              ],
              ruledOut: [
                {
                  id: "acr-egress-pe-pending",
                  by: "with public egress the service makes no private endpoint for the deployment",
                },
              ],
              ...(settled || other || refused ? { as: "warning" as const } : {}),
            });
          });
      });
    return found.length > 0 ? found : say.pass(undefined, { subject: known.id });
  },
});
