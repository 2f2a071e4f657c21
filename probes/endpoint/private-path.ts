import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { workspaceConnections } from "../../src/facts/workspace-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint";

/** A private-only managed endpoint is entered by the workspace's private endpoint. A project's is at its hub. */
export default defineProbe({
  id: "endpoint/private-path",
  title: "Every private-only endpoint has a private way in",
  layer: "endpoint",
  docs: [docs],
  needs: { workspace, connections: workspaceConnections, endpoints: onlineEndpoints },
  consequence: "Whether the private-only endpoints can be reached at all",
  reasons: {
    "oe-pna-disabled-no-private-path": reason<{ workspaceId: string }>({
      severity: "error",
      title: "The endpoint takes private requests only, and the workspace has no approved private endpoint",
      fix: ({ workspaceId }) => ({
        summary: "Have the workspace's private endpoint connection created or approved",
        commands: [azRest("get", `${workspaceId}/privateEndpointConnections`, apiVersions.machineLearning)],
        verify: [azRest("get", `${workspaceId}/privateEndpointConnections`, apiVersions.machineLearning).text],
        docs,
      }),
      causedBy: ["ws-no-private-endpoint", "pe-connection-not-approved", "ws-pe-removed-not-public"],
    }),
  },
  judge({ workspace: { id, properties }, connections, endpoints }, say) {
    if (properties.hubResourceId) return say.skip("a project is entered by its hub's private endpoint");
    const closed = endpoints.filter(
      (each) => !onKubernetes(each) && sameText(each.endpoint.properties.publicNetworkAccess, "Disabled"),
    );
    if (closed.length === 0) return say.skip("no managed endpoint is private only");
    const states = connections.map((connection) => ({
      connection,
      status: connection.properties?.privateLinkServiceConnectionState?.status ?? undefined,
    }));
    const approved = states.filter(({ status }) => sameText(status, "Approved"));
    if (approved.length > 0)
      return say.pass(undefined, {
        subject: id,
        evidence: approved
          .slice(0, 1)
          .map(({ connection, status }) =>
            armEvidence(connection.id, "properties.privateLinkServiceConnectionState.status", status),
          ),
      });
    const about = [
      id,
      ...connections.flatMap((connection) => [connection.id, connection.properties?.privateEndpoint?.id ?? ""]),
    ].filter((each) => each !== "");
    return closed.map(({ endpoint }) =>
      say.found("oe-pna-disabled-no-private-path", {
        subject: endpoint.id,
        about,
        data: { workspaceId: id },
        evidence: [
          armEvidence(
            endpoint.id,
            "properties.publicNetworkAccess",
            endpoint.properties.publicNetworkAccess ?? undefined,
          ),
          ...(states.length === 0
            ? [armEvidence(id, "properties.privateEndpointConnections", [], "one that is Approved")]
            : states
                .slice(0, 2)
                .map(({ connection, status }) =>
                  armEvidence(connection.id, "properties.privateLinkServiceConnectionState.status", status, "Approved"),
                )),
        ],
      }),
    );
  },
});
