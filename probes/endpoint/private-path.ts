import { armEvidence } from "../../src/model/evidence.ts";
import { approveConnection, listConnections } from "../../src/model/access-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { recreation, type Recreation } from "../../src/model/private-endpoint-remedies.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { names } from "../../src/facts/names.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";
import { recreationOf } from "../../src/facts/workspace-access.ts";
import { workspaceConnections } from "../../src/facts/workspace-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint";

interface Way {
  readonly pending: readonly string[];
  readonly plan: Recreation;
}

/** A private-only managed endpoint is entered by the workspace's private endpoint. A project's is at its hub. */
export default defineProbe({
  id: "endpoint/private-path",
  title: "Every private-only endpoint has a private way in",
  layer: "endpoint",
  docs: [docs],
  needs: {
    workspace,
    connections: workspaceConnections,
    endpoints: onlineEndpoints,
    known: raw(privateEndpoints),
    zones: raw(privateZones),
    names: raw(names),
    here: raw(vantage),
  },
  consequence: "Whether the private-only endpoints can be reached at all",
  reasons: {
    "oe-pna-disabled-no-private-path": reason<Way>({
      severity: "error",
      title: "The endpoint takes private requests only, and the workspace has no approved private endpoint",
      fix: ({ pending, plan }) =>
        pending.length > 0
          ? {
              summary: "Approve the workspace's private endpoint connection (the workspace's owner does this)",
              commands: pending.map(approveConnection),
              warning: "Make sure that the private endpoint is one that your organisation made.",
              takesEffect: "Within a few minutes",
              verify: [listConnections(plan.workspaceId)],
              docs,
            }
          : recreation(
              plan,
              plan.endpointId === undefined
                ? "Create a private endpoint of the workspace in the clients' network, with its DNS zone group"
                : `Delete and recreate the private endpoint: a connection that is ${plan.status ?? "in this state"} cannot be approved any more`,
              docs,
            ),
      causedBy: [
        "ws-no-private-endpoint",
        "pe-connection-not-approved",
        "pe-provisioning-failed-or-stale-object",
        "ws-pe-removed-not-public",
      ],
    }),
  },
  judge({ workspace: { id, properties }, connections, endpoints, ...around }, say) {
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
    const unstated = states.find(({ status }) => status === undefined);
    if (unstated !== undefined)
      return say.unknown("the workspace does not say in which state the connection is", {
        subject: unstated.connection.id,
      });
    // The workspace carries copies of its connections: where the list lacks one, it is not known which of them is late.
    const copy = properties.privateEndpointConnections?.[0];
    if (states.length === 0 && copy)
      return say.unknown("the workspace itself names a connection that the list of connections lacks", {
        subject: copy.id,
        permission: "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections/read",
      });
    const about = [
      id,
      ...connections.flatMap((connection) => [connection.id, connection.properties?.privateEndpoint?.id ?? ""]),
    ].filter((each) => each !== "");
    const [first] = states;
    const endpointId = first?.connection.properties?.privateEndpoint?.id ?? undefined;
    const data = {
      pending: states.filter(({ status }) => sameText(status, "Pending")).map(({ connection }) => connection.id),
      plan: recreationOf(id, endpointId, first?.status, around),
    };
    return closed.map(({ endpoint }) =>
      say.found("oe-pna-disabled-no-private-path", {
        subject: endpoint.id,
        about,
        data,
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
