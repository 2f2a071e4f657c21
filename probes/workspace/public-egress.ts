import { armEvidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { copyWithSecuredEgress, securedCopy, showState } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint";

/** Stages at which a container that goes out publicly meets the closed workspace; at the others something else failed. */
const stages = ["model-download", "service", "unstated"];

/**
 * Without a managed network, a deployment whose egress is public calls the workspace over the internet, and a workspace
 * that refuses public traffic refuses it too. With a managed network the flag means nothing; on Kubernetes the cluster
 * calls. A deployment that came up has fetched what it needs: then it is a remark.
 */
export default defineProbe({
  id: "workspace/public-egress",
  title: "No deployment calls a closed workspace over the internet",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace: networkHome, endpoints: onlineEndpoints, failures: raw(deploymentFailures) },
  consequence: "Whether deployments reach the workspace",
  advisory: true,
  reasons: {
    "ws-pna-disabled-with-public-egress": reason<{ deploymentId: string }>({
      severity: "error",
      title: "The deployment goes out over the internet, and the workspace refuses public traffic",
      detail: () =>
        "egressPublicNetworkAccess is Enabled, expected Disabled; the workspace's publicNetworkAccess is Disabled, and it has no managed network that would carry the calls.",
      fix: ({ deploymentId }) => ({
        summary:
          "Create a second deployment with egress_public_network_access disabled (or give the workspace a managed network first), and move the traffic to it",
        commands: copyWithSecuredEgress(deploymentId),
        warning:
          "The flag cannot be changed on a deployment that exists; the first command writes its definition, with the flag changed, to deployment.json. Each such deployment brings private endpoints of its own, which the registry has to approve.",
        verify: [showState(securedCopy(deploymentId))],
        docs,
      }),
      causedBy: ["acr-public-disabled-egress-enabled"],
      rivals: ["acr-public-disabled-egress-enabled", "st-pe-not-approved"],
    }),
  },
  judge({ workspace: space, endpoints, failures }, say) {
    const { publicNetworkAccess, managedNetwork } = space.properties;
    if (isolationOf(space) !== "none")
      return say.skip("the managed network decides how deployments go out, or the workspace does not say", space.id);
    if (!sameText(publicNetworkAccess, "Disabled"))
      return say.pass("The workspace does not refuse public traffic altogether", { subject: space.id });
    const found = endpoints
      .filter((each) => !onKubernetes(each))
      .flatMap(({ endpoint, deployments }): Verdict[] => {
        if (deployments.is === "gap") return [say.unknown(deployments, { subject: endpoint.id })];
        return (valueOf(deployments) ?? [])
          .filter(({ properties }) => sameText(properties.egressPublicNetworkAccess, "Enabled"))
          .map((deployment) => {
            const { id, properties } = deployment;
            const failure = (valueOf(failures) ?? []).find(({ deploymentId }) => sameId(deploymentId, id));
            const hurts = failure !== undefined && stages.includes(failure.stage);
            return say.found("ws-pna-disabled-with-public-egress", {
              subject: id,
              about: [endpoint.id],
              data: { deploymentId: id },
              evidence: [
                armEvidence(
                  id,
                  "properties.egressPublicNetworkAccess",
                  properties.egressPublicNetworkAccess,
                  "Disabled",
                ),
                armEvidence(space.id, "properties.publicNetworkAccess", publicNetworkAccess),
                armEvidence(
                  space.id,
                  "properties.managedNetwork.isolationMode",
                  managedNetwork?.isolationMode ?? undefined,
                ),
                ...(hurts
                  ? failure.words
                      .slice(0, 1)
                      .map((observed) => ({ kind: "log" as const, source: `${id} getLogs`, observed }))
                  : []),
              ],
              ...(hurts ? {} : { as: "warning" as const }),
            });
          });
      });
    return found.length > 0 ? found : say.pass(undefined, { subject: space.id });
  },
});
