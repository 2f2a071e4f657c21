import type { Socket } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { createAuthority, selfSigned, type Authority, type CertificateRequest } from "../../src/lab/certificates.ts";
import { createNet, type NetOptions } from "../../src/net/net.ts";
import { directRoute } from "../../src/net/route.ts";
import { startHttp, startHttps, startTcp } from "./server.ts";

const host = "ep.eastus.inference.ml.azure.com";
const address = "127.0.0.1";
let publicCa: Authority;
let corporateCa: Authority;

beforeAll(async () => {
  publicCa = await createAuthority("Public CA");
  corporateCa = await createAuthority("Contoso Inspection CA");
});

function net(more: Partial<NetOptions> = {}): ReturnType<typeof createNet> {
  return createNet({
    route: directRoute,
    ca: [publicCa.pem],
    timeoutMs: 400,
    signal: new AbortController().signal,
    count: () => undefined,
    environment: {},
    ...more,
  });
}

const get = { method: "GET", path: "/" } as const;

describe("reaching an address", () => {
  it("shows TCP, TLS and HTTP apart, over one connection and with the name kept", async () => {
    const certificate = await publicCa.issue({ names: ["*.eastus.inference.ml.azure.com"] });
    let sent: object = {};
    const port = await startHttps(certificate, (request, response) => {
      sent = {
        host: request.headers.host,
        sni: (request.socket as { servername?: string }).servername,
        url: request.url,
      };
      response.writeHead(403, {
        "content-type": "application/json",
        "x-ms-error-code": "Denied",
        "x-ms-meta-secret": "s",
        "set-cookie": "a=b",
        server: "one\u009b2J",
      });
      response.end('{"error":\n"\u001b[31mred"}');
    });
    let connections = 0;
    const reach = await net({ count: () => (connections += 1) }).reach({
      address,
      port,
      host,
      http: { method: "GET", path: "/score?x=1" },
    });
    expect(reach).toMatchObject({
      address,
      port,
      host,
      tcp: { outcome: "open" },
      tls: {
        outcome: "established",
        faults: [],
        protocol: "TLSv1.3",
        chain: [
          { names: ["*.eastus.inference.ml.azure.com"], issuer: "CN=Public CA", selfSigned: false },
          { subject: "CN=Public CA", selfSigned: true },
        ],
      },
      http: { outcome: "answered", status: 403, body: '{"error": "[31mred"}' },
    });
    expect(reach.http?.headers).toMatchObject({
      "x-ms-error-code": "Denied",
      "content-type": "application/json",
      server: "one2J",
    });
    expect(reach.http?.headers).not.toHaveProperty("x-ms-meta-secret");
    expect(reach.http?.headers).not.toHaveProperty("set-cookie");
    expect(sent).toEqual({ host: `${host}:${port}`, sni: host, url: "/score?x=1" });
    expect(connections).toBe(1);
  });

  it("shows what follows the body", async () => {
    const port = await startHttp((_, response) => {
      response.writeHead(200, {
        "content-type": "text/plain",
        trailer: "ms-azureml-bandwidth-request-delay-ms, x-secret",
      });
      response.write("scored");
      response.addTrailers({ "ms-azureml-bandwidth-request-delay-ms": "120", "x-secret": "s" });
      response.end();
    });
    const { http } = await net().reach({ address, port, host, plain: true, http: get });
    expect(http).toMatchObject({
      status: 200,
      body: "scored",
      headers: { "ms-azureml-bandwidth-request-delay-ms": "120" },
    });
    expect(http?.headers).not.toHaveProperty("x-secret");
  });

  const past = { notBefore: "2020-01-01T00:00:00Z", notAfter: "2021-01-01T00:00:00Z" };
  const future = { notBefore: "2090-01-01T00:00:00Z", notAfter: "2091-01-01T00:00:00Z" };
  it.each<[string, "public" | "corporate" | "self", Partial<CertificateRequest>, readonly string[]]>([
    ["a sound certificate", "public", {}, []],
    ["another name", "public", { names: ["other.example"] }, ["name-mismatch"]],
    ["an expired one", "public", past, ["expired"]],
    ["one of the future", "public", future, ["not-yet-valid"]],
    ["a self-signed one", "self", {}, ["self-signed"]],
    ["an inspection authority's", "corporate", {}, ["untrusted-issuer"]],
    [
      "three faults at once",
      "corporate",
      { names: ["other.example"], ...past },
      ["name-mismatch", "expired", "untrusted-issuer"],
    ],
    ["an expired self-signed one", "self", past, ["expired", "self-signed"]],
  ])("finds everything that is wrong with %s", async (_, by, more, faults) => {
    const request = { names: [host], ...more };
    const certificate = await (by === "self"
      ? selfSigned(request)
      : (by === "public" ? publicCa : corporateCa).issue(request));
    let requests = 0;
    const port = await startHttps(certificate, (__, response) => {
      requests += 1;
      response.end("ok");
    });
    const anonymous = await net().reach({ address, port, host, http: get });
    expect(anonymous).toMatchObject({
      tls: { outcome: "established", faults },
      http: { outcome: "answered", status: 200, body: "ok" },
    });
    const withKey = await net().reach({
      address,
      port,
      host,
      http: { ...get, headers: { Authorization: "Bearer t" } },
    });
    const withBody = await net().reach({ address, port, host, http: { method: "POST", path: "/", body: "{}" } });
    const unsent = { outcome: "failed", code: "UNTRUSTED_CERTIFICATE" };
    for (const reach of [withKey, withBody])
      expect(reach.http).toMatchObject(faults.length === 0 ? { status: 200 } : unsent);
    expect(requests).toBe(faults.length === 0 ? 3 : 1);
  });

  it("does not follow redirects and hides what their query holds", async () => {
    const port = await startHttp((_, response) =>
      response.writeHead(302, { location: "https://u:p@login.example/a?code=secret#x" }).end(),
    );
    expect((await net().reach({ address, port, host, plain: true, http: get })).http).toMatchObject({
      status: 302,
      headers: { location: "https://***@login.example/a?***" },
    });
  });

  it("cuts long bodies, leaves out binary ones, and keeps a status whose body stalls", async () => {
    const port = await startHttp((request, response) => {
      if (request.url === "/long") response.end("x".repeat(1_000_000));
      else if (request.url === "/binary") response.setHeader("content-type", "application/octet-stream").end("abc");
      else response.write("half");
    });
    const ask = async (path: string) =>
      (await net().reach({ address, port, host, plain: true, http: { method: "GET", path } })).http;
    expect((await ask("/long"))?.body).toHaveLength(2048);
    expect(await ask("/binary")).toMatchObject({ status: 200, body: "" });
    expect(await ask("/stalls")).toMatchObject({ outcome: "answered", status: 200, body: "half" });
  });

  it("tells a refused port, a silent address, no address and an ended run", async () => {
    const port = await startTcp(() => undefined);
    expect(
      (await net({ route: () => ({ host: address, port: 1 }) }).reach({ address: "10.0.0.1", port, host })).tcp,
    ).toMatchObject({ outcome: "refused", code: "ECONNREFUSED" });
    expect(
      await net({ timeoutMs: 50, route: () => "blackhole" }).reach({ address: "10.0.0.1", port: 443, host }),
    ).toEqual({
      address: "10.0.0.1",
      port: 443,
      host,
      tcp: { outcome: "timeout", code: "ETIMEDOUT", durationMs: expect.any(Number) },
    });
    expect((await net().reach({ address: "a.example", port: 443, host })).tcp).toMatchObject({
      outcome: "unreachable",
    });
    const run = new AbortController();
    const pending = net({ timeoutMs: 60_000, signal: run.signal }).reach({ address, port, host });
    setTimeout(() => {
      run.abort();
    }, 20);
    expect(await pending).toMatchObject({ tls: { outcome: "timeout", code: "ABORTED" } });
  });

  it.each<[string, (socket: Socket) => void, object]>([
    ["silence", () => undefined, { outcome: "timeout" }],
    [
      "a reset",
      (socket) => {
        socket.once("data", () => socket.resetAndDestroy());
      },
      { outcome: "reset" },
    ],
    [
      "a close",
      (socket) => {
        socket.end();
      },
      { outcome: "reset" },
    ],
    [
      "plain HTTP",
      (socket) => {
        socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      },
      { outcome: "failed", code: "ERR_SSL_WRONG_VERSION_NUMBER" },
    ],
  ])("meets %s in the TLS stage", async (_, act, tls) => {
    const port = await startTcp(act);
    const reach = await net().reach({ address, port, host, http: get });
    expect(reach).toMatchObject({ tcp: { outcome: "open" }, tls });
    expect(reach).not.toHaveProperty("http");
  });

  it.each<[string, (socket: Socket) => void, object]>([
    ["silence", () => undefined, { outcome: "timeout", code: "ETIMEDOUT" }],
    [
      "a reset",
      (socket) => {
        socket.once("data", () => socket.resetAndDestroy());
      },
      { outcome: "reset" },
    ],
    [
      "a close",
      (socket) => {
        socket.once("data", () => socket.end());
      },
      { outcome: "reset" },
    ],
    [
      "nonsense",
      (socket) => {
        socket.end("SSH-2.0-x\r\n");
      },
      { outcome: "failed" },
    ],
  ])("meets %s in the HTTP stage", async (_, act, http) => {
    const port = await startTcp(act);
    expect(await net().reach({ address, port, host, plain: true, http: get })).toMatchObject({
      tcp: { outcome: "open" },
      http,
    });
  });

  // Which stage hears of it is a race inside the kernel.
  it("meets a reset right after connecting in the TCP or the TLS stage", async () => {
    const port = await startTcp((socket) => {
      socket.resetAndDestroy();
    });
    const { tcp, tls } = await net().reach({ address, port, host, http: get });
    expect([tcp.outcome, tls?.outcome]).toContain("reset");
  });

  it("notices a reset where nothing is to be said", async () => {
    const resetting = await startTcp((socket) => {
      socket.resetAndDestroy();
    });
    const open = await startTcp(() => undefined);
    expect((await net().reach({ address, port: resetting, host, plain: true })).tcp.outcome).toBe("reset");
    expect((await net().reach({ address, port: open, host, plain: true })).tcp.outcome).toBe("open");
  });

  it.each(["a\r\nb.example", "a b", "", "a\u0000b", "\ud800.example"])("survives the host %j", async (bad) => {
    const port = await startHttps(await publicCa.issue({ names: [host] }), (_, response) => response.end());
    expect(await net().reach({ address, port, host: bad, http: get })).toMatchObject({ tcp: { outcome: "open" } });
  });
});
