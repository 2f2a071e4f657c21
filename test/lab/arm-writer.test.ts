import { describe, expect, it } from "vitest";
import { startArm, type ArmClient } from "./arm-client.ts";
import { azureDns, baseline, resources } from "../worlds/edit.ts";
import { holdWorld } from "../../src/lab/held-world.ts";
import { writeArm, type Written } from "../../src/lab/arm-writer.ts";
import { readAccess } from "../../src/lab/access.ts";
import { segmentsOf } from "../../src/lab/arm-path.ts";
import type { World } from "../../src/lab/world.ts";

const zone =
  "/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms";
const endpoint =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateEndpoints/pe-ws";
const workspace =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/mlprod";

function write(world: World, method: string, path: string, body: unknown = {}): Written {
  const request = {
    method,
    path,
    segments: segmentsOf(path),
    query: new URLSearchParams(),
    search: "",
    headers: {},
    body: JSON.stringify(body),
  };
  const { estate } = holdWorld(world);
  const written = writeArm(request, { world, estate, access: readAccess(world.arm.denied) });
  if (written === undefined) throw new Error("not taken as a write");
  return written;
}

function dnsNames(world: World | undefined, suffix: string): Record<string, string> {
  const records = world?.dns.servers[azureDns]?.records ?? [];
  return Object.fromEntries(
    records.filter(({ name, type }) => name.endsWith(suffix) && type === "A").map(({ name, data }) => [name, data]),
  );
}

describe("a lab that takes writes", () => {
  it("refuses them by default", async () => {
    await using arm: ArmClient = await startArm(baseline("managed-network"));
    expect((await arm.ask(workspace, { method: "PATCH", body: "{}" })).status).toBe(405);
  });

  it("shows a change in the next read", async () => {
    await using arm: ArmClient = await startArm(baseline("managed-network"), { writable: true });
    const body = JSON.stringify({ properties: { imageBuildCompute: "other" } });
    expect((await arm.ask(workspace, { method: "PATCH", body })).status).toBe(200);
    expect((await arm.ask(workspace)).body).toMatchObject({ properties: { imageBuildCompute: "other" } });
  });

  it("answers 403 for an action that is denied, and leaves the world as it is", () => {
    const world = baseline("managed-network");
    world.arm.denied.push({ action: "Microsoft.Network/privateDnsZones/A/write", scope: zone });
    expect(write(world, "PUT", `${zone}/A/new`, { properties: {} })).toMatchObject({ answer: { status: 403 } });
  });

  it("answers by DNS what a record set says", () => {
    const { world } = write(baseline("managed-network"), "PUT", `${zone}/A/new`, {
      properties: { ttl: 10, aRecords: [{ ipv4Address: "10.1.0.77" }] },
    });
    expect(dnsNames(world, "new.privatelink.api.azureml.ms")).toEqual({
      "new.privatelink.api.azureml.ms": "10.1.0.77",
    });
  });

  it("answers publicly again when the link is gone", () => {
    const world = baseline("managed-network");
    const link = resources(world, "Microsoft.Network/privateDnsZones/virtualNetworkLinks").find(
      ({ id, properties }) => id.startsWith(zone) && JSON.stringify(properties).includes("vnet-spoke"),
    );
    expect(dnsNames(write(world, "DELETE", link?.id ?? "").world, "privatelink.api.azureml.ms")).toEqual({});
  });

  it("takes a private endpoint's records, interface and connection away with it, and makes them anew", () => {
    const gone = write(baseline("managed-network"), "DELETE", endpoint).world;
    expect(dnsNames(gone, "workspace.eastus2.privatelink.api.azureml.ms")).toEqual({});
    if (gone === undefined) throw new Error("nothing was written");
    const subnet = endpoint.replace("privateEndpoints/pe-ws", "virtualNetworks/vnet-spoke/subnets/snet-pe");
    const back = write(gone, "PUT", endpoint, {
      location: "eastus2",
      properties: {
        subnet: { id: subnet },
        privateLinkServiceConnections: [
          { name: "c", properties: { privateLinkServiceId: workspace, groupIds: ["amlworkspace"] } },
        ],
      },
    }).world;
    if (back === undefined) throw new Error("nothing was written");
    const states = resources(back, "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections")
      .filter(({ properties }) => JSON.stringify(properties).includes("pe-ws"))
      .map(({ properties }) => properties["privateLinkServiceConnectionState"]);
    expect(states).toMatchObject([{ status: "Approved" }]);
    const grouped = write(back, "PUT", `${endpoint}/privateDnsZoneGroups/default`, {
      properties: { privateDnsZoneConfigs: [{ name: "api", properties: { privateDnsZoneId: zone } }] },
    }).world;
    expect(Object.keys(dnsNames(grouped, "privatelink.api.azureml.ms"))).toHaveLength(3);
  });
});
