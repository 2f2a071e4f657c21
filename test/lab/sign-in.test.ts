import { describe, expect, test } from "vitest";
import { readEstate } from "../../src/lab/estate.ts";
import { startImdsServer } from "../../src/lab/imds-server.ts";
import { createTokens } from "../../src/lab/tokens.ts";
import { applyPatch, type World } from "../../src/lab/world.ts";
import { startArm } from "./arm-client.ts";
import { machine, smallWorld } from "./small-world.ts";

const world = smallWorld();
const { tenantId, clientId, objectId } = world.identity;

describe("Entra ID", () => {
  const form = (more: Record<string, string>): string =>
    new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: "s",
      scope: "https://management.azure.com/.default",
      ...more,
    }).toString();

  test.each(["v2.0", "adfs"])("tells where its %s token endpoint is", async (form) => {
    await using arm = await startArm(world);
    const path =
      form === "adfs" ? "/adfs/.well-known/openid-configuration" : `/${tenantId}/v2.0/.well-known/openid-configuration`;
    const end = form === "adfs" ? "/adfs/oauth2/token" : `/${tenantId}/oauth2/v2.0/token`;
    expect((await arm.ask(path, { token: null })).body).toMatchObject({
      token_endpoint: `${arm.controlPlane.endpoint}${end}`,
    });
    expect((await arm.ask("/common/discovery/instance", { token: null })).status).toBe(200);
  });

  test("gives a token that ARM takes, with the claims of the identity", async () => {
    await using arm = await startArm(world);
    const { body } = await arm.ask(`/${tenantId}/oauth2/v2.0/token`, { method: "POST", body: form({}), token: null });
    const token = (body as { access_token: string }).access_token;
    expect(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())).toMatchObject({
      tid: tenantId,
      oid: objectId,
      appid: clientId,
      aud: "https://management.azure.com",
    });
    expect((await arm.ask("/subscriptions", { token })).status).toBe(200);
  });

  test.each<[string, string, Record<string, string>, string]>([
    ["another tenant", "other", {}, "invalid_request"],
    ["another application", tenantId, { client_id: "other" }, "unauthorized_client"],
    ["another grant", tenantId, { grant_type: "password" }, "unsupported_grant_type"],
    ["no secret", tenantId, { client_secret: "" }, "invalid_client"],
    ["a scope that is none", tenantId, { scope: "x" }, "invalid_scope"],
  ])("refuses %s", async (_, tenant, more, error) => {
    await using arm = await startArm(world);
    expect(
      (await arm.ask(`/${tenant}/oauth2/v2.0/token`, { method: "POST", body: form(more), token: null })).body,
    ).toMatchObject({ error });
  });

  test("refuses every secret when it is told to", async () => {
    await using arm = await startArm(world, { refuseSecret: true });
    expect(await arm.ask("/adfs/oauth2/token", { method: "POST", body: form({}), token: null })).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
  });
});

describe("instance metadata", () => {
  const asking = async (
    path: string,
    its: World,
    headers: Record<string, string> = { Metadata: "true" },
  ): Promise<{ status: number; body: unknown }> => {
    const server = await startImdsServer(
      its,
      readEstate(its),
      createTokens(its.identity, () => "https://localhost", 3600),
    );
    try {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
        headers,
        signal: AbortSignal.timeout(5000),
      });
      return { status: response.status, body: await response.json() };
    } finally {
      await server.close();
    }
  };
  const token = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F";

  test.each<[string, string, number, object]>([
    ["a token", token, 200, { token_type: "Bearer", expires_on: expect.stringMatching(/^\d{10}$/) }],
    ["a token, with a trailing slash", token.replace("token?", "token/?"), 200, { client_id: clientId }],
    ["a token of the identity by its client id", `${token}&client_id=${clientId}`, 200, { client_id: clientId }],
    ["no token of another identity", `${token}&client_id=other`, 400, { error_description: "Identity not found" }],
    [
      "the machine",
      "/metadata/instance?api-version=2021-02-01",
      200,
      {
        compute: {
          azEnvironment: "AzurePublicCloud",
          location: "eastus2",
          name: "vm",
          resourceId: machine,
          vmSize: "Standard_B2s",
        },
        network: { interface: [{ ipv4: { ipAddress: [{ privateIpAddress: "10.1.1.4" }] } }] },
      },
    ],
    ["its compute part alone", "/metadata/instance/compute?api-version=2021-02-01", 200, { vmId: "vm-id" }],
    ["nothing without a version", "/metadata/instance", 400, {}],
  ])("gives %s", async (_, path, status, body) => {
    expect(await asking(path, world)).toMatchObject({ status, body });
  });

  test("wants the Metadata header", async () => expect((await asking(token, world, {})).status).toBe(400));

  test("knows each cloud by its own name for it", async () => {
    for (const [cloud, name] of [
      ["AzureUSGovernment", "AzureUSGovernmentCloud"],
      ["AzureChinaCloud", "AzureChinaCloud"],
    ]) {
      expect(await asking("/metadata/instance?api-version=2021-02-01", applyPatch(world, { cloud }))).toMatchObject({
        body: { compute: { azEnvironment: name } },
      });
    }
  });

  test("a machine elsewhere has a token but no metadata", async () => {
    const elsewhere = applyPatch(world, { vantage: { resourceId: null } });
    expect((await asking(token, elsewhere)).status).toBe(200);
    expect((await asking("/metadata/instance?api-version=2021-02-01", elsewhere)).status).toBe(404);
  });
});
