import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { names } from "../../src/facts/names.ts";
import { linkConnections, privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { privateZones } from "../../src/facts/private-zones.ts";
import { workspaceConnections } from "../../src/facts/workspace-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const configure = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";
const manage = "https://learn.microsoft.com/azure/private-link/manage-private-endpoint";

interface Recreation {
  readonly workspaceId: string;
  readonly endpointId?: string;
  readonly subnetId?: string;
  readonly status?: string;
  readonly zones: readonly string[];
}

/** Deleting and creating anew, with a zone group so that the records follow. */
function recreate({ workspaceId, endpointId, subnetId, zones }: Recreation): Command[] {
  const endpoint = parseArmId(endpointId);
  const subnet = parseArmId(subnetId);
  const workspaceName = parseArmId(workspaceId)?.name ?? "workspace";
  if (!subnet) return [az("network", "vnet", "list", "--output", "table")];
  const place = endpoint ?? subnet;
  const name = endpoint?.name ?? `pe-${workspaceName}`;
  const at = ["--subscription", place.subscriptionId, "--resource-group", place.resourceGroup];
  const group = (verb: "create" | "add", zone: string): Command =>
    az(
      "network",
      "private-endpoint",
      "dns-zone-group",
      verb,
      ...at,
      "--endpoint-name",
      name,
      "--name",
      "default",
      "--private-dns-zone",
      zone,
      "--zone-name",
      (zone.split("/").at(-1) ?? zone).replaceAll(".", "-"),
    );
  return [
    ...(endpoint ? [az("network", "private-endpoint", "delete", ...at, "--name", name)] : []),
    az(
      "network",
      "private-endpoint",
      "create",
      ...at,
      "--name",
      name,
      "--subnet",
      subnet.id,
      "--private-connection-resource-id",
      workspaceId,
      "--group-id",
      "amlworkspace",
      "--connection-name",
      `${name}-connection`,
    ),
    ...zones.map((zone, index) => group(index === 0 ? "create" : "add", zone)),
  ];
}

const interruption =
  "Creating a private endpoint anew interrupts all private access to the workspace (clients, computes, Kubernetes) and may change its addresses: plan a window, and check afterwards that no firewall rule or hand-made record holds the old ones.";

/**
 * The connection between the workspace and its private endpoint. Only `Approved` carries traffic. Pending waits for the
 * workspace's owner; Rejected and Disconnected do not come back by themselves and need a new endpoint. A workspace whose
 * public door is open by design needs no endpoint; a project workspace lives behind its hub's.
 */
export default defineProbe({
  id: "private-endpoint/workspace-connection",
  title: "The workspace has an approved private endpoint connection",
  layer: "control-plane",
  docs: [configure, manage],
  needs: {
    workspace,
    connections: workspaceConnections,
    privateEndpoints: raw(privateEndpoints),
    zones: raw(privateZones),
    names: raw(names),
  },
  consequence: "Whether the workspace's private endpoint connection is approved",
  reasons: {
    "pe-connection-not-approved": reason<Recreation & { connectionId: string }>({
      severity: "error",
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
              verify: [
                az(
                  "network",
                  "private-endpoint-connection",
                  "show",
                  "--id",
                  data.connectionId,
                  "--query",
                  "properties.privateLinkServiceConnectionState.status",
                ).text,
              ],
              docs: manage,
            }
          : {
              summary: `Delete and recreate the private endpoint: a connection that is ${data.status ?? "in this state"} cannot be approved any more`,
              commands: recreate(data),
              warning: interruption,
              takesEffect: "Within a few minutes of the new endpoint",
              verify: [
                az(
                  "network",
                  "private-endpoint-connection",
                  "list",
                  "--id",
                  data.workspaceId,
                  "--query",
                  "[].properties.privateLinkServiceConnectionState.status",
                ).text,
              ],
              docs: manage,
            },
      rivals: ["cv-tcp-443-to-pe-blocked", "dns-record-stale"],
    }),
    "pe-provisioning-failed-or-stale-object": reason<Recreation>({
      severity: "error",
      title:
        "A private endpoint is left over or failed: it points at the workspace, and the workspace knows no connection of it",
      detail: ({ endpointId, status }) =>
        `${parseArmId(endpointId)?.name ?? "The private endpoint"} says ${status ?? "nothing"} of its connection, and the workspace lists none for it.`,
      fix: (data) => ({
        summary: "Delete the left-over private endpoint and recreate it with its DNS zone group",
        commands: recreate(data),
        warning: interruption,
        takesEffect: "Within a few minutes of the new endpoint",
        verify: [
          az(
            "network",
            "private-endpoint-connection",
            "list",
            "--id",
            data.workspaceId,
            "--query",
            "[].properties.privateLinkServiceConnectionState.status",
          ).text,
        ],
        docs: manage,
      }),
      rivals: ["ws-no-private-endpoint"],
    }),
    "ws-pe-removed-not-public": reason<Recreation>({
      severity: "error",
      title:
        "The workspace's private endpoint was removed and public access is still off: nobody can reach the workspace",
      detail: () =>
        "The workspace lists no private endpoint connection and publicNetworkAccess is Disabled; records of a former endpoint are still in the private DNS zone.",
      fix: (data) => ({
        summary: "Recreate the private endpoint of the workspace, with its DNS zone group",
        commands: recreate(data),
        warning: interruption,
        takesEffect: "Within a few minutes of the new endpoint",
        verify: [az("network", "private-endpoint-connection", "list", "--id", data.workspaceId).text],
        docs: configure,
      }),
      rivals: ["ws-no-private-endpoint"],
    }),
    "ws-no-private-endpoint": reason<Recreation>({
      severity: "error",
      title: "The workspace has no private endpoint although public access is off",
      detail: () =>
        "The workspace lists no private endpoint connection and publicNetworkAccess is Disabled: there is no way in.",
      fix: (data) => ({
        summary:
          "Create a private endpoint for the workspace in the virtual network of its clients, with its DNS zone group",
        commands: recreate(data),
        warning:
          "Computes that are not in the same virtual network as the new endpoint lose their way to the workspace. The subnet must allow private endpoints and must not use 172.17.0.0/16.",
        takesEffect: "Within a few minutes of the new endpoint",
        verify: [az("network", "private-endpoint-connection", "list", "--id", data.workspaceId).text],
        docs: configure,
      }),
    }),
  },
  judge({ workspace: space, connections, privateEndpoints: known, zones, names: namesSeen }, say) {
    if (space.properties.hubResourceId)
      return say.skip("a project workspace is reached through its hub's private endpoints", space.id);
    const closed = sameText(space.properties.publicNetworkAccess, "Disabled");
    const entries = (valueOf(known)?.entries ?? []).filter(({ targets }) =>
      targets.some((target) => sameId(target, space.id)),
    );
    const zoneIds = (valueOf(zones)?.zones ?? [])
      .filter(({ name }) => name.startsWith("privatelink.api.") || name.startsWith("privatelink.notebooks."))
      .map(({ id }) => id)
      .sort();
    const base = (endpointId: string | undefined, status: string | undefined): Recreation => {
      const entry = entries.find(({ id }) => sameId(id, endpointId));
      const subnetId = entry && valueOf(entry.endpoint)?.properties.subnet?.id;
      return {
        workspaceId: space.id,
        ...(endpointId === undefined ? {} : { endpointId }),
        ...(subnetId === undefined ? {} : { subnetId }),
        ...(status === undefined ? {} : { status }),
        zones: zoneIds,
      };
    };
    const addresses = (endpointId: string | undefined): string[] =>
      (valueOf(namesSeen) ?? []).flatMap((name) =>
        name.expected
          .filter(({ privateEndpointId }) => sameId(privateEndpointId, endpointId))
          .flatMap(({ address }) => [name.fqdn, `${address}:443`]),
      );
    const statusOf = (connection: (typeof connections)[number]): string | undefined =>
      connection.properties?.privateLinkServiceConnectionState?.status ?? undefined;

    const approved = connections.filter((connection) => sameText(statusOf(connection), "Approved"));
    const others = connections.filter((connection) => !sameText(statusOf(connection), "Approved"));
    // An approved connection from an endpoint that clients own carries them; one from a managed network or from a
    // deployment's egress does not, and those endpoints stand where nobody can read them.
    const serves = approved.some((connection) =>
      entries.some(
        ({ id, endpoint }) => sameId(id, connection.properties?.privateEndpoint?.id) && endpoint.is !== "absent",
      ),
    );

    const verdicts = others.map((connection) => {
      const endpointId = connection.properties?.privateEndpoint?.id ?? undefined;
      const status = statusOf(connection);
      const entry = entries.find(({ id }) => sameId(id, endpointId));
      const theirs = entry !== undefined && entry.endpoint.is === "absent";
      return say.found("pe-connection-not-approved", {
        subject: connection.id,
        about: [space.id, ...(endpointId === undefined ? [] : [endpointId]), ...addresses(endpointId)],
        data: { ...base(endpointId, status), connectionId: connection.id },
        evidence: [
          armEvidence(connection.id, "properties.privateLinkServiceConnectionState.status", status, "Approved"),
        ],
        ruledOut: [
          { id: "cv-tcp-443-to-pe-blocked", by: "the service itself says that the connection carries nothing" },
          {
            id: "dns-record-stale",
            by: "the address is the endpoint's own; it is the connection that is not approved",
          },
        ],
        // With another approved way in, or an endpoint of somebody else's, this connection is not what stops anybody here.
        ...(serves || theirs ? { as: "warning" as const } : {}),
      });
    });
    if (verdicts.length > 0) return serves ? [...verdicts, say.pass(undefined, { subject: space.id })] : verdicts;
    if (serves)
      return say.pass(undefined, {
        subject: space.id,
        evidence: approved
          .slice(0, 1)
          .map((connection) =>
            armEvidence(connection.id, "properties.privateLinkServiceConnectionState.status", "Approved"),
          ),
      });
    if (!closed)
      return say.skip(
        "the workspace is open to public networks and has no private endpoint: public by design",
        space.id,
      );
    if (known.is === "gap") return say.unknown(known, { subject: space.id });

    const leftOver = entries.find((entry) => {
      const endpoint = valueOf(entry.endpoint);
      return (
        endpoint !== undefined &&
        linkConnections(endpoint).some(({ properties }) => sameId(properties?.privateLinkServiceId, space.id))
      );
    });
    const noConnection = armEvidence(
      space.id,
      "privateEndpointConnections",
      approved.length === 0 ? [] : approved.map(({ id }) => id),
      "an approved connection from the clients' network",
    );
    const isClosed = armEvidence(
      space.id,
      "properties.publicNetworkAccess",
      space.properties.publicNetworkAccess ?? undefined,
    );
    if (leftOver) {
      const endpoint = valueOf(leftOver.endpoint);
      const status =
        endpoint && (linkConnections(endpoint)[0]?.properties?.privateLinkServiceConnectionState?.status ?? undefined);
      return say.found("pe-provisioning-failed-or-stale-object", {
        subject: leftOver.id,
        about: [space.id, ...addresses(leftOver.id)],
        data: base(leftOver.id, status ?? undefined),
        evidence: [
          armEvidence(
            leftOver.id,
            "properties.privateLinkServiceConnections[].properties.privateLinkServiceConnectionState.status",
            status ?? undefined,
            "Approved",
          ),
          noConnection,
          isClosed,
        ],
        ruledOut: [{ id: "ws-no-private-endpoint", by: "the endpoint's object still exists" }],
      });
    }
    // With managed computes of its own, a workspace without any client endpoint may be used by them alone; nobody else
    // gets in, and studio does not either, so it is a fault all the same.
    const guid = space.properties.workspaceId?.toLowerCase();
    const remains = (valueOf(zones)?.zones ?? [])
      .flatMap((zone) => valueOf(zone.records) ?? [])
      .filter(({ name }) => guid !== undefined && name.toLowerCase().includes(guid));
    const id = remains.length > 0 ? "ws-pe-removed-not-public" : "ws-no-private-endpoint";
    return say.found(id, {
      subject: space.id,
      about: (valueOf(namesSeen) ?? []).filter(({ groupId }) => groupId === "amlworkspace").map(({ fqdn }) => fqdn),
      data: base(undefined, undefined),
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
