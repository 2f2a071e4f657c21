import { describe, expect, test } from "vitest";
import { applyPatch } from "../../src/lab/world.ts";
import { codeOf, startArm } from "./arm-client.ts";
import {
  group,
  otherSubscription,
  principalId,
  smallWorld,
  subscription,
  vault,
  workspace,
  zone,
} from "./small-world.ts";

const world = smallWorld();

describe("refusals", () => {
  const missing = `${group}/providers/Microsoft.KeyVault/vaults`;
  test.each<[string, string, number, string]>([
    ["a resource", `${missing}/none`, 404, "ResourceNotFound"],
    [
      "a resource group",
      `${subscription}/resourceGroups/none/providers/Microsoft.KeyVault/vaults/none`,
      404,
      "ResourceGroupNotFound",
    ],
    [
      "a list in a missing group",
      `${subscription}/resourceGroups/none/providers/Microsoft.KeyVault/vaults`,
      404,
      "ResourceGroupNotFound",
    ],
    ["a subscription", "/subscriptions/none", 404, "SubscriptionNotFound"],
    ["a parent", `${missing}/none/privateEndpointConnections/x`, 404, "ParentResourceNotFound"],
    ["the parent of a list", `${missing}/none/privateEndpointConnections`, 404, "ParentResourceNotFound"],
    ["a child, as Machine Learning tells it", `${workspace}/onlineEndpoints/none`, 404, "UserError"],
    ["a record set", `${zone}/A/none`, 404, "NotFound"],
    ["a path that is no form of ARM", "/tenants/x/y", 404, "InvalidResourceNamespace"],
    ["a filter", `${subscription}/resources?$filter=location`, 400, "InvalidFilterInQueryString"],
  ])("%s", async (_, path, status, code) => {
    await using arm = await startArm(world);
    const seen = await arm.ask(path);
    expect({ status: seen.status, code: codeOf(seen.body) }).toEqual({ status, code });
  });

  test("no api-version", async () => {
    await using arm = await startArm(world);
    expect(codeOf((await arm.ask(vault, { version: false })).body)).toBe("MissingApiVersionParameter");
  });

  test("no token, a made-up one, an expired one, one for somebody else", async () => {
    await using arm = await startArm(world);
    await using short = await startArm(world, { tokenLifetimeSeconds: 0 });
    const codes = await Promise.all([
      arm.ask(vault, { token: null }),
      arm.ask(vault, { token: "a.b.c" }),
      short.ask(vault),
      arm.ask(vault, { token: arm.controlPlane.tokens.issue("https://vault.azure.net") }),
      arm.ask(vault, { token: short.controlPlane.tokens.issue("https://management.azure.com") }),
    ]);
    expect(codes.map(({ status, body }) => [status, codeOf(body)])).toEqual([
      [401, "AuthenticationFailed"],
      [401, "InvalidAuthenticationToken"],
      [401, "ExpiredAuthenticationToken"],
      [401, "InvalidAuthenticationTokenAudience"],
      [401, "InvalidAuthenticationToken"],
    ]);
    expect(codes[0].headers["www-authenticate"]).toMatch(/^Bearer authorization_uri=/);
    expect(arm.controlPlane.requests().every(({ authorized }) => !authorized)).toBe(true);
  });

  test.each(["PUT", "PATCH", "DELETE", "POST"])("%s, which is counted", async (method) => {
    await using arm = await startArm(world);
    expect((await arm.ask(vault, { method })).status).toBe(405);
    expect(arm.controlPlane.writes()).toBe(1);
  });
});

describe("denials", () => {
  const denied = (action: string, scope: string) => applyPatch(world, { arm: { denied: [{ action, scope }] } });

  test("answer 403 with who, what and where, whether the thing exists or not", async () => {
    await using arm = await startArm(denied("Microsoft.KeyVault/vaults/read", group));
    for (const name of ["kv", "none"]) {
      const id = `${group}/providers/Microsoft.KeyVault/vaults/${name}`;
      const { status, body } = await arm.ask(id);
      expect([status, codeOf(body)]).toEqual([403, "AuthorizationFailed"]);
      for (const part of [world.identity.clientId, principalId, "'Microsoft.KeyVault/vaults/read'", `'${id}'`])
        expect(JSON.stringify(body)).toContain(part);
    }
  });

  test.each<[string, string, string, string, number, string[]]>([
    [
      "at the scope of the list",
      "Microsoft.KeyVault/vaults/read",
      group,
      `${group}/providers/Microsoft.KeyVault/vaults`,
      403,
      [],
    ],
    ["above it", "Microsoft.KeyVault/*/read", subscription, `${group}/providers/Microsoft.KeyVault/vaults`, 403, []],
    [
      "below it",
      "Microsoft.KeyVault/vaults/read",
      group,
      `${subscription}/providers/Microsoft.KeyVault/vaults`,
      200,
      [],
    ],
    [
      "of another type",
      "Microsoft.Network/*",
      subscription,
      `${subscription}/providers/Microsoft.KeyVault/vaults`,
      200,
      ["kv"],
    ],
    [
      "in the generic list",
      "Microsoft.KeyVault/vaults/read",
      subscription,
      `${subscription}/resources`,
      200,
      ["ws", "net", "vm-nic", "vm"],
    ],
    [
      "of a subscription",
      "Microsoft.Resources/subscriptions/read",
      otherSubscription,
      "/subscriptions",
      200,
      [subscription.slice(15)],
    ],
    ["of record sets", "Microsoft.Network/privateDnsZones/A/read", otherSubscription, `${zone}/A`, 403, []],
    [
      "of role assignments below",
      "Microsoft.Authorization/roleAssignments/read",
      `${workspace}/onlineEndpoints`,
      `${workspace}/providers/Microsoft.Authorization/roleAssignments`,
      200,
      ["above", "at"],
    ],
  ])("%s", async (_, action, scope, path, status, names) => {
    await using arm = await startArm(denied(action, scope));
    const seen = await arm.ask(path);
    expect(seen.status).toBe(status);
    if (status === 200) expect((await arm.pages(path)).names).toEqual(names);
  });

  test("of an action", async () => {
    await using arm = await startArm(
      denied("Microsoft.MachineLearningServices/workspaces/diagnose/action", subscription),
    );
    expect((await arm.ask(`${workspace}/diagnose`, { method: "POST" })).status).toBe(403);
  });
});
