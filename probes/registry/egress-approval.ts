import { armEvidence } from "../../src/model/evidence.ts";
import { approveConnection, listConnections } from "../../src/model/access-commands.ts";
import { copyWithSecuredEgress, securedCopy, showState, tryAgain } from "../../src/model/deployment-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { registry } from "../../src/facts/registry.ts";
import { waitingConnections } from "../../src/facts/waiting-connections.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-unable-to-download-user-container-image";

interface Pending {
  readonly connectionId: string;
  readonly registryId: string;
  readonly status: string;
  readonly deployments: readonly string[];
}

/**
 * The private endpoint that the service makes for a deployment with secured egress stands in Microsoft's subscription; only
 * its connection on the registry can be seen.
 */
export default defineProbe({
  id: "registry/egress-approval",
  title: "The deployments' own private endpoints are approved on the registry",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint"],
  needs: { registry: maybe(registry), waiting: waitingConnections, endpoints: raw(onlineEndpoints) },
  consequence: "Whether the deployments' private endpoints are approved on the registry",
  reasons: {
    "acr-egress-pe-pending": reason<Pending>({
      severity: "error",
      heals: ({ status }) => sameText(status, "Pending"),
      title: "The deployment's own private endpoint connection to the registry is not approved",
      detail: ({ status, connectionId }) =>
        `${connectionId.split("/").at(-1) ?? "The connection"} is ${status}, expected Approved: the pull has a private path that carries nothing.`,
      fix: ({ connectionId, registryId, status, deployments }) => ({
        summary: sameText(status, "Pending")
          ? "Approve the connection on the registry, then start the deployment again"
          : `Create the deployment anew and see that its connection is approved: one that is ${status} cannot be approved any more`,
        commands: sameText(status, "Pending")
          ? [approveConnection(connectionId), ...deployments.map((id) => tryAgain(id))]
          : deployments.flatMap((id) => copyWithSecuredEgress(id)),
        warning: `${sameText(status, "Pending") ? "" : "The first command writes the deployment's definition to deployment.json, the second makes a copy of it beside it: move the traffic there and delete the failed one. "}The private endpoint itself is in Microsoft's subscription; only the connection can be seen. Look at the workspace's and the storage account's connections too: each of the three may wait alone.`,
        takesEffect: "Within a few minutes",
        verify: [
          listConnections(registryId),
          ...deployments.map((id) => showState(sameText(status, "Pending") ? id : securedCopy(id))),
        ],
        docs,
      }),
      anew: ({ status }) => !sameText(status, "Pending"),
      rivals: ["acr-identity-missing-acrpull", "acr-public-disabled-egress-enabled", "mn-outbound-pe-pending"],
    }),
  },
  judge({ registry: known, waiting, endpoints }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const pending = waiting.filter(({ service, owner }) => service === "registry" && owner === "deployment-egress");
    if (pending.length === 0) return say.pass(undefined, { subject: known.id });
    const all = (valueOf(endpoints) ?? [])
      .filter((each) => !onKubernetes(each))
      .flatMap(({ endpoint, deployments }) =>
        (valueOf(deployments) ?? []).map((deployment) => ({ endpoint, deployment })),
      );
    const secured = all.filter(({ deployment }) =>
      sameText(deployment.properties.egressPublicNetworkAccess, "Disabled"),
    );
    return pending.map((each) => {
      const name = parseArmId(each.endpointId)?.name.toLowerCase() ?? "";
      const byName = secured.filter(({ endpoint, deployment }) =>
        name.startsWith(`${endpoint.name}-${deployment.name}-`.toLowerCase()),
      );
      const theirs = byName.length > 0 ? byName : secured;
      const settled =
        theirs.length > 0 &&
        theirs.every(({ deployment }) => sameText(deployment.properties.provisioningState, "Succeeded"));
      // Endpoints that were read and none of which goes out this way: the connection is left from a deployment that is gone.
      const orphan =
        endpoints.is === "value" &&
        secured.length === 0 &&
        (valueOf(endpoints) ?? []).every(({ deployments }) => deployments.is !== "gap");
      return say.found("acr-egress-pe-pending", {
        subject: each.connectionId,
        about: [known.id, ...theirs.flatMap(({ endpoint, deployment }) => [deployment.id, endpoint.id])],
        data: {
          connectionId: each.connectionId,
          registryId: known.id,
          status: each.status ?? "in no known state",
          deployments: theirs.map(({ deployment }) => deployment.id),
        },
        evidence: [
          armEvidence(
            each.connectionId,
            "properties.privateLinkServiceConnectionState.status",
            each.status,
            "Approved",
          ),
          armEvidence(each.connectionId, "properties.privateLinkServiceConnectionState.description", each.description),
          ...theirs
            .slice(0, 1)
            .map(({ deployment }) =>
              armEvidence(
                deployment.id,
                "properties.egressPublicNetworkAccess",
                deployment.properties.egressPublicNetworkAccess,
              ),
            ),
        ],
        ruledOut: [
          {
            id: "acr-public-disabled-egress-enabled",
            by: "the connection exists because the deployment's egress is secured",
          },
          { id: "mn-outbound-pe-pending", by: "the connection is a deployment's, not the managed network's" },
        ],
        ...(settled || orphan ? { as: "warning" as const } : {}),
      });
    });
  },
});
