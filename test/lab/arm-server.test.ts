import { describe, expect, test } from "vitest";
import { applyPatch } from "../../src/lab/world.ts";
import { startArm } from "./arm-client.ts";
import {
  group,
  network,
  nic,
  otherSubscription,
  principalId,
  smallWorld,
  subscription,
  vault,
  workspace,
  zone,
} from "./small-world.ts";

const world = smallWorld();

describe("reads", () => {
  test.each<[string, string, string[]]>([
    ["subscriptions", "/subscriptions", [subscription.slice(15), otherSubscription.slice(15)]],
    ["resource groups", `${subscription}/resourceGroups`, ["rg-ml"]],
    ["a type in a subscription", `${subscription}/providers/Microsoft.Network/virtualNetworks`, ["net"]],
    [
      "a type in a resource group, in another case",
      `${group.toUpperCase()}/providers/MICROSOFT.NETWORK/networkinterfaces`,
      ["vm-nic"],
    ],
    ["children that have entries of their own", `${workspace}/privateEndpointConnections`, ["one"]],
    ["children that only their parent shows", `${network}/subnets`, ["default"]],
    ["no children", `${workspace}/onlineEndpoints`, []],
    ["A records", `${zone}/A`, ["one", "*.two"]],
    ["all records", `${zone}/ALL`, ["one", "*.two", "@"]],
    ["all records, by the other name", `${zone}/recordsets`, ["one", "*.two", "@"]],
    [
      "all resources of a type",
      `${subscription}/resources?$filter=${encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults'")}`,
      ["kv"],
    ],
    ["all resources", `${subscription}/resources`, ["ws", "kv", "net", "vm-nic", "vm"]],
    [
      "role definitions by name",
      `${workspace}/providers/Microsoft.Authorization/roleDefinitions?$filter=${encodeURIComponent("roleName eq 'Reader'")}`,
      ["reader"],
    ],
  ])("lists %s", async (_, path, names) => {
    await using arm = await startArm(world);
    expect((await arm.pages(path)).names).toEqual(names);
  });

  test.each<[string, string | undefined, string[]]>([
    ["at, above and below", undefined, ["above", "at", "below"]],
    ["at and above", "atScope()", ["above", "at"]],
    ["of a principal", `principalId eq '${principalId}'`, ["above", "at"]],
    ["assigned to somebody else", "atScope() and assignedTo('00000000-0000-4000-8000-00000000dddd')", []],
  ])("lists role assignments %s", async (_, filter, names) => {
    await using arm = await startArm(world);
    const query = filter === undefined ? "" : `?$filter=${encodeURIComponent(filter)}`;
    expect((await arm.pages(`${workspace}/providers/Microsoft.Authorization/roleAssignments${query}`)).names).toEqual(
      names,
    );
  });

  test.each<[string, string, object]>([
    ["a resource, whatever the case of its id", vault.toLowerCase(), { id: vault }],
    ["a record set with a star", `${zone}/a/${encodeURIComponent("*.two")}`, { name: "*.two" }],
    [
      "a subnet that only its network shows",
      `${network}/subnets/default`,
      { type: "Microsoft.Network/virtualNetworks/subnets" },
    ],
    [
      "a resource group that the world did not spell out",
      `${otherSubscription}/resourceGroups/rg-dns`,
      { name: "rg-dns" },
    ],
    [
      "a role definition by its id without a scope",
      "/providers/Microsoft.Authorization/roleDefinitions/reader",
      { name: "reader" },
    ],
    [
      "a workspace with its connections",
      workspace,
      {
        properties: {
          workspaceId: "w",
          privateEndpointConnections: [
            { id: `${workspace}/privateEndpointConnections/one`, properties: { provisioningState: "Succeeded" } },
          ],
        },
      },
    ],
  ])("gets %s", async (_, path, shape) => {
    await using arm = await startArm(world);
    expect(await arm.ask(path)).toMatchObject({ status: 200, body: shape });
  });

  test("cuts lists into pages with absolute links, and Key Vault's has empty ones", async () => {
    await using arm = await startArm(world, { pageSize: 2 });
    expect(await arm.pages(`${zone}/ALL`)).toEqual({ names: ["one", "*.two", "@"], sizes: [2, 1] });
    expect(await arm.pages(`${group}/providers/Microsoft.KeyVault/vaults?$top=1`)).toEqual({
      names: ["kv"],
      sizes: [0, 1, 0],
    });
  });
});

describe("actions", () => {
  test("diagnose is long-running and answers the categories that were asked for", async () => {
    await using arm = await startArm(world, { pendingPolls: 1, retryAfterSeconds: 1 });
    const begun = await arm.ask(`${workspace}/diagnose`, {
      method: "POST",
      body: JSON.stringify({ value: { keyVault: {}, nsg: {} } }),
    });
    const location = begun.headers["location"] ?? "";
    expect([begun.status, begun.body, begun.headers["retry-after"]]).toEqual([202, "", "1"]);
    expect((await arm.ask(location)).status).toBe(202);
    expect(await arm.ask(location)).toMatchObject({
      status: 200,
      body: { value: { keyVaultResults: [{ code: "K" }], networkSecurityRuleResults: [] } },
    });
    expect((await arm.ask(location.replace(/&s=.*/, ""))).status).toBe(403);
    expect(arm.controlPlane.writes()).toBe(0);
  });

  test.each(['{"value":{}}', "{}", ""])("diagnose answers all categories to %j", async (body) => {
    await using arm = await startArm(world);
    const { headers } = await arm.ask(`${workspace}/diagnose`, { method: "POST", body });
    const answer = (await arm.ask(headers["location"] ?? "")).body as { value: object };
    expect(headers["retry-after"]).toBeUndefined();
    expect(Object.keys(answer.value)).toHaveLength(9);
  });

  test("effective routes say null first; keys stay placeholders; what nobody knows is not found", async () => {
    await using arm = await startArm(world);
    const begun = await arm.ask(`${nic}/effectiveRouteTable`, { method: "POST" });
    expect([begun.status, begun.body]).toEqual([202, null]);
    expect((await arm.ask(begun.headers["location"] ?? "")).body).toEqual({ value: [{ state: "Active" }] });
    expect((await arm.ask(`${workspace}/listKeys`, { method: "POST" })).body).toEqual({ userStorageKey: "{KEY}" });
    expect((await arm.ask(`${nic}/effectiveNetworkSecurityGroups`, { method: "POST" })).status).toBe(404);
    expect(arm.controlPlane.writes()).toBe(0);
  });

  test("a world may give the answer to a GET that is no resource", async () => {
    const path = `${workspace}/outboundNetworkDependenciesEndpoints`;
    await using arm = await startArm(
      applyPatch(world, {
        arm: { actions: [{ method: "GET", path, status: 200, body: { value: [{ category: "c" }] } }] },
      }),
    );
    expect((await arm.ask(path)).body).toEqual({ value: [{ category: "c" }] });
  });
});

describe("faults", () => {
  test("answer in ARM's place as often as they say", async () => {
    const faults = [{ match: `GET ${vault}`, status: 429, headers: { "Retry-After": 3 }, times: 2 }];
    await using arm = await startArm(applyPatch(world, { arm: { faults } }));
    const seen = [await arm.ask(vault), await arm.ask(vault), await arm.ask(vault)];
    expect(seen.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(seen[0]).toMatchObject({ headers: { "retry-after": "3" }, body: { error: { code: "TooManyRequests" } } });
  });

  test("may be a page of a proxy, and a delay ends when the lab does", async () => {
    const faults = [
      { match: "/vaults", status: 503, body: "<html>no</html>" },
      { match: "/workspaces", delayMs: 60_000 },
    ];
    const arm = await startArm(applyPatch(world, { arm: { faults } }));
    expect(await arm.ask(vault)).toMatchObject({
      status: 503,
      body: "<html>no</html>",
      headers: { "content-type": "text/html" },
    });
    const hanging = arm.ask(workspace).catch(() => "cut");
    await expect.poll(() => arm.controlPlane.requests().length).toBe(1);
    await arm.controlPlane.close();
    expect(await hanging).toBe("cut");
  });
});

test("every answer has ARM's headers, and echoes the client's request id", async () => {
  await using arm = await startArm(world);
  const { headers } = await arm.ask(vault, { headers: { "x-ms-client-request-id": "mine" } });
  expect(headers).toMatchObject({
    "x-ms-client-request-id": "mine",
    "x-ms-ratelimit-remaining-subscription-reads": expect.stringMatching(/^\d+$/),
    "content-type": "application/json; charset=utf-8",
  });
  expect(headers["x-ms-request-id"]).toBe(headers["x-ms-correlation-request-id"]);
});
