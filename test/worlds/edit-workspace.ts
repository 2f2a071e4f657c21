import type { World } from "../../src/lab/world.ts";
import { add, azureDns, forget, remove, resource, resources, set, tcp } from "./edit.ts";

type Json = Record<string, unknown>;

/** A second private endpoint of the workspace, in the hub, whose addresses end as the first one's and begin with 10.0.9. */
export function secondEndpoint(world: World): void {
  const anew = (text: string): string =>
    text.replaceAll("pe-ws", "pe-hub").replaceAll("vnet-spoke", "vnet-hub").replaceAll('"10.1.0.', '"10.0.9.');
  for (const end of ["/networkInterfaces/pe-ws-nic", "/privateEndpoints/pe-ws"])
    add(world, JSON.parse(anew(JSON.stringify(resource(world, end)))) as Parameters<typeof add>[1]);
  const listed = resources(world, "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections");
  for (const one of listed.filter((each) => JSON.stringify(each).includes("pe-ws")))
    add(world, JSON.parse(anew(JSON.stringify(one))) as Parameters<typeof add>[1]);
  const embedded = resource(world, "/workspaces/mlprod").properties.privateEndpointConnections as Json[];
  embedded.push(
    ...embedded
      .filter((each) => JSON.stringify(each).includes("pe-ws"))
      .map((each) => JSON.parse(anew(JSON.stringify(each))) as Json),
  );
}

/** Lets the zone's records hold the second endpoint's addresses. */
export function overwriteRecords(world: World): void {
  for (const record of world.dns.servers[azureDns]?.records ?? [])
    if (record.type === "A" && /^10\.1\.0\.[567]$/.test(record.data))
      record.data = record.data.replace("10.1.0.", "10.0.9.");
  for (const one of world.arm.resources)
    if (one.type === "Microsoft.Network/privateDnsZones/A")
      one.properties = JSON.parse(
        JSON.stringify(one.properties).replace(/"10\.1\.0\.([567])"/g, '"10.0.9.$1"'),
      ) as Json;
}

/** The second endpoint takes connections, as the first one does. */
export function openSecondEndpoint(world: World): void {
  for (const one of structuredClone(world.network.endpoints))
    if (/^10\.1\.0\.[567]$/.test(one.address))
      world.network.endpoints.push({ ...one, address: one.address.replace("10.1.0.", "10.0.9.") });
}

/** Opens the workspace and its endpoint, and takes the private endpoint away. */
export function makePublic(world: World): void {
  set(world, "/workspaces/mlprod", {
    publicNetworkAccess: "Enabled",
    allowPublicAccessWhenBehindVnet: true,
    privateEndpointConnections: [],
  });
  set(world, "/onlineEndpoints/score1", { publicNetworkAccess: "Enabled" });
  remove(world, "/workspaces/mlprod/privateEndpointConnections");
  remove(world, "/privateEndpoints/pe-ws");
  remove(world, "/networkInterfaces/pe-ws");
}

/** Makes the workspace a project of a hub that has what the workspace had: private endpoint, names and settings. */
export function project(world: World): void {
  const space = resource(world, "/workspaces/mlprod");
  const twin = structuredClone(space) as unknown as Parameters<typeof add>[1] & { properties: Json };
  twin.id = space.id.replace("mlprod", "hub1");
  twin.name = "hub1";
  twin.kind = "Hub";
  for (const one of world.arm.resources) {
    if (!/privateEndpoints\/|privateEndpointConnections|outboundRules\//.test(one.id)) continue;
    const text = JSON.stringify(one).replaceAll("/workspaces/mlprod", "/workspaces/hub1");
    Object.assign(one, JSON.parse(text));
  }
  twin.properties = JSON.parse(
    JSON.stringify(twin.properties).replaceAll("/workspaces/mlprod", "/workspaces/hub1"),
  ) as Json;
  add(world, twin);
  space.kind = "Project";
  Object.assign(space.properties, {
    hubResourceId: twin.id,
    workspaceId: "99998888-7777-4666-8555-444433332222",
    privateEndpointConnections: [],
  });
}

const status = (connection: { properties: Record<string, unknown> }, state: string): void => {
  connection.properties.privateLinkServiceConnectionState = { status: state, description: "", actionsRequired: "None" };
};

/** Sets the state of the workspace's own connection wherever it is told: in the list, in the workspace, at the endpoint. */
export function workspaceConnection(world: World, state: string): void {
  const isOurs = (connection: { properties: Record<string, unknown> }): boolean =>
    JSON.stringify(connection).toLowerCase().includes("privateendpoints/pe-ws");
  for (const one of resources(world, "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections"))
    if (isOurs(one)) status(one, state);
  const embedded = resource(world, "/workspaces/mlprod").properties.privateEndpointConnections as {
    properties: Record<string, unknown>;
  }[];
  for (const one of embedded) if (isOurs(one)) status(one, state);
  workspaceEndpointSays(world, state);
}

/** Sets the state of the connection at the workspace's private endpoint alone. */
export function workspaceEndpointSays(world: World, state: string): void {
  const endpoint = resource(world, "/privateEndpoints/pe-ws").properties as {
    privateLinkServiceConnections: { properties: Record<string, unknown> }[];
  };
  for (const one of endpoint.privateLinkServiceConnections) status(one, state);
  tcp(world, (address) => ["10.1.0.5", "10.1.0.6", "10.1.0.7"].includes(address), "timeout");
}

/** The workspace's private endpoint never had an address for online endpoints, and the zone has no record for them. */
export function withoutInference(world: World): void {
  const nic = resource(world, "/networkInterfaces/pe-ws-nic").properties as {
    ipConfigurations: { properties: { privateLinkConnectionProperties: { requiredMemberName: string } } }[];
  };
  nic.ipConfigurations = nic.ipConfigurations.filter(
    ({ properties }) => properties.privateLinkConnectionProperties.requiredMemberName !== "inference",
  );
  const connection = resources(world, "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections").find(
    (one) => JSON.stringify(one).includes("privateEndpoints/pe-ws"),
  );
  if (connection)
    connection.connectionDetails = (connection.connectionDetails as { memberName: string }[]).filter(
      ({ memberName }) => memberName !== "inference",
    );
  remove(world, "/A/*.11112222");
  forget(world, azureDns, "*.11112222");
}
