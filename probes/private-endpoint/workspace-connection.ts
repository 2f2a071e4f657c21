import { copyWithSecuredEgress, securedCopy, showState } from "../../src/model/deployment-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { recreation, type Recreation } from "../../src/model/private-endpoint-remedies.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { homeOf, hub } from "../../src/facts/hub.ts";
import { names } from "../../src/facts/names.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";
import {
  clientConnections,
  entriesOf,
  isForeign,
  recreationOf,
  servedBy,
  statusOf,
} from "../../src/facts/workspace-access.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { workspaceConnections } from "../../src/facts/workspace-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

/** What the service writes on the connections that a deployment with secured egress brings. */
const ofDeployment = /^Egress for Microsoft\.MachineLearningServices\/workspaces\/onlineEndpoints/i;

const docs = "https://learn.microsoft.com/azure/private-link/manage-private-endpoint";

/**
 * The connections between the workspace and its private endpoints. Only `Approved` carries traffic. Pending waits for the
 * workspace's owner; Rejected and Disconnected do not come back by themselves and need a new endpoint.
 */
export default defineProbe({
  id: "private-endpoint/workspace-connection",
  title: "The workspace's private endpoint connections are approved",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace,
    hub: raw(hub),
    connections: workspaceConnections,
    privateEndpoints: raw(privateEndpoints),
    zones: raw(privateZones),
    names: raw(names),
    here: raw(vantage),
    failures: raw(deploymentFailures),
  },
  consequence: "Whether the workspace's private endpoint connections are approved",
  reasons: {
    "pe-connection-not-approved": reason<Recreation & { connectionId: string; deployments: readonly string[] }>({
      severity: "error",
      heals: ({ status }) => sameText(status, "Pending"),
      title: "The private endpoint connection of the workspace is not approved, so it carries no traffic",
      detail: ({ status, endpointId }) =>
        `The connection of ${parseArmId(endpointId)?.name ?? "the private endpoint"} is ${status ?? "in no known state"}; only Approved carries traffic.`,
      fix: (data) =>
        sameText(data.status, "Pending")
          ? {
              summary: "Approve the connection (the workspace's owner does this)",
              commands: [
                az(
                  "network",
                  "private-endpoint-connection",
                  "approve",
                  "--id",
                  data.connectionId,
                  "--description",
                  "Approved",
                ),
              ],
              warning:
                "Make sure that the private endpoint is one that your organisation made. Needs the action Microsoft.MachineLearningServices/workspaces/privateEndpointConnectionsApproval/action.",
              takesEffect: "Within a few minutes",
              verify: [az("network", "private-endpoint-connection", "show", "--id", data.connectionId).text],
              docs,
            }
          : data.deployments.length > 0
            ? {
                summary: `Create the deployment anew and see that its connection is approved: one that is ${data.status ?? "in this state"} cannot be approved any more`,
                commands: data.deployments.flatMap((id) => copyWithSecuredEgress(id)),
                warning:
                  "The first command writes the deployment's definition to deployment.json, the second makes a copy of it beside it: move the traffic there and delete the failed one.",
                verify: data.deployments.map((id) => showState(securedCopy(id))),
                docs,
              }
            : recreation(
                data,
                `Delete and recreate the private endpoint: a connection that is ${data.status ?? "in this state"} cannot be approved any more`,
                docs,
              ),
      anew: ({ status, deployments }) => deployments.length > 0 && !sameText(status, "Pending"),
      rivals: ["cv-tcp-443-to-pe-blocked", "dns-record-stale"],
    }),
  },
  judge(
    { workspace: asked, hub: known, connections: own, privateEndpoints, zones, names: served, here, failures },
    say,
  ) {
    // A project is reached through its hub's private endpoints.
    const space = homeOf(asked, known);
    if (space === undefined)
      return say.skip("the project's hub, through which it is reached, cannot be seen", asked.id);
    const connections = space === asked ? own : (space.properties.privateEndpointConnections ?? []);
    if (connections.length === 0) return say.skip("the workspace lists no private endpoint connection", space.id);
    const around = { known: privateEndpoints, zones, names: served, here };
    const entries = entriesOf(space.id, privateEndpoints);
    const serves = clientConnections(connections, entries, space.id).length > 0;
    return connections.map((connection) => {
      const endpointId = connection.properties?.privateEndpoint?.id ?? undefined;
      const status = statusOf(connection);
      const evidence = [
        armEvidence(connection.id, "properties.privateLinkServiceConnectionState.status", status, "Approved"),
      ];
      if (sameText(status, "Approved"))
        return say.pass(`The connection of ${parseArmId(endpointId)?.name ?? connection.id} is approved`, {
          subject: connection.id,
          evidence,
        });
      if (status === undefined)
        return say.unknown("the workspace does not say in which state the connection is", { subject: connection.id });
      const theirs = entries.some((entry) => sameId(entry.id, endpointId) && isForeign(entry, space.id));
      // The way of a deployment to its workspace: it stops that deployment, and no client.
      const isEgress = ofDeployment.test(connection.properties?.privateLinkServiceConnectionState?.description ?? "");
      const stopped = (isEgress ? (valueOf(failures) ?? []) : []).filter(
        ({ stage, kubernetes }) => !kubernetes && (stage === "unstated" || stage === "model-download"),
      );
      return say.found("pe-connection-not-approved", {
        subject: connection.id,
        about: [
          ...(isEgress ? [] : new Set([asked.id, space.id])),
          ...(endpointId === undefined ? [] : [endpointId]),
          ...servedBy(endpointId, served),
          ...stopped.map(({ deploymentId }) => deploymentId),
        ],
        data: {
          ...recreationOf(space.id, endpointId, status, around),
          connectionId: connection.id,
          deployments: stopped.map(({ deploymentId }) => deploymentId),
        },
        evidence,
        ruledOut: [
          { id: "cv-tcp-443-to-pe-blocked", by: "the service itself says that the connection carries nothing" },
          {
            id: "dns-record-stale",
            by: "the address is the endpoint's own; it is the connection that is not approved",
          },
        ],
        // With another approved way in, or an endpoint of somebody else's, this connection is not what stops anybody here.
        ...((serves || theirs) && stopped.length === 0 ? { as: "warning" as const } : {}),
      });
    });
  },
});
