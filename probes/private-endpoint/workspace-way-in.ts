import { isPrivateAddress } from "../../src/model/address.ts";
import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { seen, valueOf } from "../../src/model/observation.ts";
import { recreation, type Recreation } from "../../src/model/private-endpoint-remedies.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { homeOf, hub } from "../../src/facts/hub.ts";
import { names } from "../../src/facts/names.ts";
import { answersProperly, paths, reachOf } from "../../src/facts/paths.ts";
import { linkConnections, privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";
import { clientConnections, entriesOf, recreationOf, servedBy, statusOf } from "../../src/facts/workspace-access.ts";
import { workspaceConnections } from "../../src/facts/workspace-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";

/**
 * A workspace whose public door is closed needs a private endpoint that clients can use. Connections of Microsoft's own
 * endpoints (a managed network, a deployment's egress) let nobody in. Removing the last endpoint does not open the public
 * door again. A workspace that is open by design needs none; a project lives behind its hub's, which is looked at then.
 */
export default defineProbe({
  id: "private-endpoint/workspace-way-in",
  title: "There is a way into the workspace for clients",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace,
    hub: raw(hub),
    connections: workspaceConnections,
    privateEndpoints,
    zones: raw(privateZones),
    names: raw(names),
    paths: raw(paths),
    here: raw(vantage),
  },
  consequence: "Whether the workspace has a private endpoint that clients can use",
  reasons: {
    "pe-provisioning-failed-or-stale-object": reason<Recreation>({
      severity: "error",
      title:
        "A private endpoint is left over or failed: it points at the workspace, and the workspace knows no connection of it",
      detail: ({ endpointId, status }) =>
        `${parseArmId(endpointId)?.name ?? "The private endpoint"} says ${status ?? "nothing"} of its connection, and the workspace lists none for it.`,
      fix: (data) =>
        recreation(data, "Delete the left-over private endpoint and recreate it with its DNS zone group", docs),
      rivals: ["ws-no-private-endpoint"],
    }),
    "ws-pe-removed-not-public": reason<Recreation>({
      severity: "error",
      title:
        "The workspace's private endpoint was removed and public access is still off: nobody can reach the workspace",
      detail: () =>
        "The workspace lists no private endpoint connection for clients and publicNetworkAccess is Disabled; records of a former endpoint are still in the private DNS zone.",
      fix: (data) => recreation(data, "Recreate the private endpoint of the workspace, with its DNS zone group", docs),
      rivals: ["ws-no-private-endpoint"],
    }),
    "ws-no-private-endpoint": reason<Recreation>({
      severity: "error",
      title: "The workspace has no private endpoint although public access is off",
      detail: () =>
        "The workspace lists no private endpoint connection for clients and publicNetworkAccess is Disabled: there is no way in.",
      fix: (data) => ({
        ...recreation(
          data,
          "Create a private endpoint for the workspace in the virtual network of its clients, with its DNS zone group",
          docs,
        ),
        warning:
          "Computes that are not in the same virtual network as the new endpoint lose their way to the workspace. The subnet must allow private endpoints and must not use 172.17.0.0/16.",
      }),
      rivals: ["ws-pe-removed-not-public"],
    }),
  },
  judge(given, say) {
    const { workspace: asked, privateEndpoints: known, zones, names: served, paths: measured, here } = given;
    const space = homeOf(asked, given.hub);
    if (space === undefined)
      return say.skip("the project's hub, through which it is reached, cannot be seen", asked.id);
    const connections = space === asked ? given.connections : (space.properties.privateEndpointConnections ?? []);
    const { publicNetworkAccess, workspaceId: guid } = space.properties;
    const isClosed = armEvidence(space.id, "properties.publicNetworkAccess", publicNetworkAccess ?? undefined);
    if (!sameText(publicNetworkAccess, "Disabled"))
      return say.skip("the workspace is open to public networks by design", space.id);
    const around = { known: seen(known), zones, names: served, here };
    const entries = entriesOf(space.id, around.known);
    const [way] = clientConnections(connections, entries, space.id);
    if (way)
      return say.pass(undefined, {
        subject: space.id,
        evidence: [armEvidence(way.id, "properties.privateLinkServiceConnectionState.status", statusOf(way))],
      });
    const inside = (valueOf(measured) ?? [])
      .filter(({ name }) => name.service === "workspace-api")
      .flatMap((path) => path.system.addresses.map((address) => reachOf(path, address)))
      .find((reach) => reach !== undefined && isPrivateAddress(reach.address) && answersProperly(reach));
    // An endpoint of another tenant's is not to be found, and lets its clients in all the same.
    if (inside) {
      return say.pass("The workspace answers at a private address here, though its private endpoint cannot be found", {
        subject: space.id,
        evidence: [reachEvidence(inside)],
      });
    }
    const waiting = connections.some((connection) => !sameText(statusOf(connection), "Approved"));
    if (waiting)
      return say.skip(
        "the workspace lists a connection that is not approved: its approval is looked at by itself",
        space.id,
      );

    const noConnection = armEvidence(
      space.id,
      "privateEndpointConnections",
      connections.map(({ id }) => id),
      "an approved connection from the clients' network",
    );
    const leftOver = entries.find(({ endpoint }) =>
      (endpoint.is === "value" ? linkConnections(endpoint.value) : []).some(({ properties }) =>
        sameId(properties?.privateLinkServiceId, space.id),
      ),
    );
    if (leftOver) {
      const endpoint = valueOf(leftOver.endpoint);
      const status = (endpoint === undefined ? [] : linkConnections(endpoint)).flatMap(
        ({ properties }) => properties?.privateLinkServiceConnectionState?.status ?? [],
      )[0];
      return say.found("pe-provisioning-failed-or-stale-object", {
        subject: leftOver.id,
        about: [...new Set([asked.id, space.id]), ...servedBy(leftOver.id, served)],
        data: recreationOf(space.id, leftOver.id, status, around),
        evidence: [
          armEvidence(leftOver.id, "privateLinkServiceConnectionState.status", status, "Approved"),
          noConnection,
          isClosed,
        ],
        ruledOut: [{ id: "ws-no-private-endpoint", by: "the endpoint's object still exists" }],
      });
    }
    const remains = (valueOf(zones)?.zones ?? [])
      .flatMap((zone) => valueOf(zone.records) ?? [])
      .filter(({ name }) => guid && name.toLowerCase().includes(guid.toLowerCase()));
    return say.found(remains.length > 0 ? "ws-pe-removed-not-public" : "ws-no-private-endpoint", {
      subject: space.id,
      ...(known.subscription.is === "value" && entries.every(({ endpoint }) => endpoint.is !== "gap")
        ? {}
        : {
            inferredFrom:
              "the workspace's own list of connections; the private endpoints could not be read, so one that is left over is not excluded",
          }),
      about: [
        asked.id,
        ...(valueOf(served) ?? []).filter(({ groupId }) => groupId === "amlworkspace").map(({ fqdn }) => fqdn),
      ],
      data: recreationOf(space.id, undefined, undefined, around),
      evidence: [
        noConnection,
        isClosed,
        ...remains.slice(0, 2).map((record) =>
          armEvidence(
            record.id,
            "properties.aRecords",
            record.properties?.aRecords?.map(({ ipv4Address }) => ipv4Address),
          ),
        ),
      ],
    });
  },
});
