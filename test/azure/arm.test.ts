import { describe, expect, it } from "vitest";
import { SignInError } from "../../src/azure/sign-in-error.ts";
import { anyToken, armAt, json, serve } from "./scripted-server.ts";

const version = { apiVersion: "2024-04-01" };
const group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg (one)/providers";
const workspace = `${group}/Microsoft.MachineLearningServices/workspaces/ws`;
const vault = `${group}/Microsoft.KeyVault/vaults/kv`;
const zone = `${group}/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms`;
const account = `${group}/Microsoft.Storage/storageAccounts/st`;

describe("get", () => {
  it.each([
    workspace,
    vault,
    zone,
    account,
    `${workspace}/onlineEndpoints/e/deployments/d`,
    `${workspace}/onlineEndpoints/not a name!`,
  ])("brings the whole body as it came: %s", async (path) => {
    const body = {
      id: path,
      unknown: { kept: true },
      properties: { managedNetwork: { isolationMode: "Disabled" }, later: 1 },
    };
    await using server = await serve((_, response) => json(response, 200, body));
    const { arm, stats } = armAt(server);
    expect(await arm.get(path, version)).toEqual({ is: "value", value: body });
    expect(decodeURIComponent(server.asked[0]?.url ?? "").toLowerCase()).toBe(
      `${path}?api-version=2024-04-01`.toLowerCase(),
    );
    expect(stats).toEqual({ armRequests: 1, retries: 0 });
  });

  it("keeps a body that the vault package stumbles over", async () => {
    await using server = await serve((_, response) => json(response, 200, { id: vault }));
    expect(await armAt(server).arm.get(vault, version)).toEqual({ is: "value", value: { id: vault } });
  });

  it.each(["no path", "//evil.test/x", "/subscriptions/../x", "/subscriptions//x"])(
    "sends nothing for %s",
    async (path) => {
      await using server = await serve((_, response) => json(response, 200, {}));
      expect(await armAt(server).arm.get(path, version)).toMatchObject({ is: "gap", code: "not-an-id" });
      expect(server.asked).toEqual([]);
    },
  );

  it.each([workspace, account])("tries again after a passing fault: %s", async (path) => {
    await using server = await serve((request, response) => {
      if (request.count === 0) request.socket.destroy();
      else if (request.count === 1) json(response, 429, { error: { code: "TooManyRequests", message: "x" } });
      else json(response, 200, { id: path });
    });
    const { arm, stats } = armAt(server);
    expect(await arm.get(path, version)).toMatchObject({ is: "value" });
    expect(stats).toEqual({ armRequests: 3, retries: 2 });
  });

  it("gives up on throttling at once when the wait is longer than its time", async () => {
    await using server = await serve((_, response) => json(response, 429, {}, { "retry-after": "3600" }));
    const { arm, stats } = armAt(server);
    const startedAt = performance.now();
    expect(await arm.get(workspace, version)).toMatchObject({ is: "gap", gap: "throttled", retryAfterMs: 3_600_000 });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(stats.retries).toBe(0);
  });

  it.each([workspace, vault, account])("ends in time when nothing answers: %s", async (path) => {
    await using server = await serve(() => undefined);
    expect(await armAt(server, { requestTimeoutMs: 300 }).arm.get(path, version)).toMatchObject({
      is: "gap",
      gap: "timed-out",
    });
  });

  it("ends in time when the body never ends", async () => {
    await using server = await serve(
      (_, response) => void response.writeHead(200, { "content-type": "application/json" }).write('{"a":'),
    );
    expect(await armAt(server, { requestTimeoutMs: 300 }).arm.get(account, version)).toMatchObject({
      is: "gap",
      gap: "timed-out",
    });
  });

  it("stops with the run, the waiting ones too", async () => {
    await using server = await serve(() => undefined);
    const { arm } = armAt(server, { signal: AbortSignal.timeout(300) });
    const startedAt = performance.now();
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => arm.get(`${account}${index}`, version)));
    expect(all.every((each) => each.is === "gap" && each.gap === "timed-out")).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(server.asked.length).toBeLessThanOrEqual(8);
  });

  it("does not follow a redirect with its token", async () => {
    await using other = await serve((_, response) => json(response, 200, {}));
    await using server = await serve((_, response) => void response.writeHead(302, { location: other.origin }).end());
    expect(await armAt(server).arm.get(workspace, version)).toMatchObject({ is: "gap", code: "http-302" });
    expect(other.asked).toEqual([]);
  });

  it("answers a claims challenge once with a new token", async () => {
    const claims = Buffer.from('{"access_token":{}}').toString("base64");
    await using server = await serve((request, response) => {
      if (request.headers.authorization === "Bearer first")
        json(response, 401, {}, { "www-authenticate": `Bearer error="insufficient_claims", claims="${claims}"` });
      else json(response, 200, { ok: true });
    });
    expect(await armAt(server).arm.get(workspace, version)).toEqual({ is: "value", value: { ok: true } });
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([
      "Bearer first",
      'Bearer claims:{"access_token":{}}',
    ]);
  });

  it("does not trust a stranger's certificate", async () => {
    await using server = await serve((_, response) => json(response, 200, {}));
    expect(await armAt(server, { ca: undefined }).arm.get(workspace, version)).toMatchObject({
      is: "gap",
      gap: "unreachable",
    });
  });

  it("says where nothing listens", async () => {
    const { arm } = armAt(
      await serve(() => undefined).then(async (server) => {
        await server[Symbol.asyncDispose]();
        return server;
      }),
    );
    expect(await arm.get(workspace, version)).toMatchObject({ is: "gap", gap: "unreachable", code: "ECONNREFUSED" });
  });

  it("tells a failed sign-in, and one that hangs, without asking ARM", async () => {
    await using server = await serve((_, response) => json(response, 200, {}));
    const refused = armAt(server, {
      credential: { getToken: () => Promise.reject(new SignInError("refused", "AADSTS1: no")) },
    });
    expect(await refused.arm.get(workspace, version)).toMatchObject({ is: "gap", gap: "denied", status: 401 });
    const hangs = armAt(server, {
      requestTimeoutMs: 300,
      credential: { getToken: () => new Promise(() => undefined) },
    });
    expect(await hangs.arm.get(vault, version)).toMatchObject({ is: "gap", gap: "timed-out" });
    expect(server.asked).toEqual([]);
  });

  it("logs neither tokens nor queries", async () => {
    await using server = await serve((_, response) => json(response, 200, { secret: 1 }));
    const lines: string[] = [];
    await armAt(server, {
      log: { debug: (fields, event) => void lines.push(JSON.stringify([event, fields])) },
    }).arm.get(account, { ...version, query: { sig: "s3cret" } });
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toMatch(/s3cret|first|secret/);
  });
});

describe("list", () => {
  it.each([
    `${zone}/virtualNetworkLinks`,
    `${workspace}/onlineEndpoints`,
    `${group}/Microsoft.KeyVault/vaults`,
    `${group}/Microsoft.Storage/storageAccounts`,
  ])("reads all pages, empty ones too, each item once: %s", async (path) => {
    await using server = await serve((request, response, origin) => {
      const page = Number(new URL(request.url ?? "", origin).searchParams.get("page") ?? 0);
      const value = [[{ id: "/A" }], [], [{ id: "/a" }, { id: null, n: 1 }, { id: null, n: 2 }]][page];
      json(response, 200, {
        value,
        nextLink: page < 2 ? `${origin}${(request.url ?? "").split("?")[0]}?page=${page + 1}` : null,
      });
    });
    expect(await armAt(server).arm.list(path, version)).toEqual({
      is: "value",
      value: [{ id: "/A" }, { id: null, n: 1 }, { id: null, n: 2 }],
    });
    expect(server.asked).toHaveLength(3);
  });

  it.each([
    ["leads away", () => "https://evil.test/next", "foreign-link"],
    ["leads in a circle", (origin: string) => `${origin}/again`, "page-loop"],
    ["never ends", (origin: string) => `${origin}/${Math.random()}`, "too-many-pages"],
    ["is no link", () => 7, "foreign-link"],
  ])("is a gap when the next page %s", async (_, next, code) => {
    await using server = await serve((__, response, origin) =>
      json(response, 200, { value: [{ id: "/a" }], nextLink: next(origin) }),
    );
    expect(await armAt(server).arm.list(`${zone}/A`, version)).toMatchObject({ is: "gap", gap: "error", code });
  });

  it("is a gap when a later page fails or is gone", async () => {
    for (const status of [404, 403]) {
      await using server = await serve((request, response, origin) =>
        request.url?.startsWith("/next")
          ? json(response, status, { error: { code: "Nope", message: "x" } })
          : json(response, 200, { value: [], nextLink: `${origin}/next` }),
      );
      expect((await armAt(server).arm.list(account, version)).is).toBe("gap");
    }
  });

  it.each([[{ value: ["text"] }], [{ value: {} }], [{}]])("is a gap for %j", async (body) => {
    await using server = await serve((_, response) => json(response, 200, body));
    expect(await armAt(server).arm.list(account, version)).toMatchObject({ is: "gap", code: "unexpected-shape" });
  });
});

describe("read", () => {
  const diagnose = `${workspace}/diagnose`;
  it("follows an operation to its end", async () => {
    await using server = await serve((request, response, origin) => {
      if (request.method === "POST") json(response, 202, null, { location: `${origin}/op?sig=1`, "retry-after": "0" });
      else if (request.count === 0)
        response.writeHead(202, { location: `${origin}/op?sig=1`, "retry-after": "0" }).end();
      else json(response, 200, { value: {} });
    });
    expect(await armAt(server).arm.read(diagnose, { ...version, action: "diagnose", body: { value: {} } })).toEqual({
      is: "value",
      value: { value: {} },
    });
    expect(server.asked.map(({ method, url, body }) => [method, url.split("/").at(-1), body])).toEqual([
      ["POST", "diagnose?api-version=2024-04-01", '{"value":{}}'],
      ["GET", "op?sig=1", ""],
      ["GET", "op?sig=1", ""],
    ]);
  });

  it("goes to no other host for a result, and sends no other POST", async () => {
    await using server = await serve((_, response) => json(response, 202, null, { location: "https://evil.test/op" }));
    const { arm } = armAt(server);
    expect(await arm.read(diagnose, { ...version, action: "diagnose" })).toMatchObject({
      is: "gap",
      code: "foreign-link",
    });
    expect(await arm.read(`${workspace}/listKeys`, { ...version, action: "diagnose" })).toMatchObject({
      is: "gap",
      code: "not-an-id",
    });
    expect(server.asked).toHaveLength(1);
  });

  it("ends with its own deadline, however long the service asks to wait", async () => {
    await using server = await serve((_, response, origin) =>
      json(response, 202, null, { location: `${origin}/op`, "retry-after": "600" }),
    );
    expect(
      await armAt(server, { operationTimeoutMs: 300, credential: anyToken }).arm.read(diagnose, {
        ...version,
        action: "diagnose",
      }),
    ).toMatchObject({ is: "gap", gap: "timed-out" });
  });
});
