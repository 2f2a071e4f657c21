import { connect } from "node:net";
import type { Socket } from "node:net";
import { expect, it, describe } from "vitest";
import { createAuthority } from "../../src/lab/certificates.ts";
import { createNet } from "../../src/net/net.ts";
import { maskedProxyEnvironment, proxyFor } from "../../src/net/proxy-environment.ts";
import { directRoute } from "../../src/net/route.ts";
import { startHttps, startTcp } from "./server.ts";

const host = "ep.eastus.inference.ml.azure.com";

describe("the proxy of an environment", () => {
  const proxy = "http://10.0.0.5:3128";
  it.each<[string, Record<string, string>, string, string | undefined]>([
    ["none", {}, host, undefined],
    ["HTTPS_PROXY", { HTTPS_PROXY: proxy }, host, proxy],
    ["lower case first", { HTTPS_PROXY: "http://x:1", https_proxy: proxy }, host, proxy],
    ["an empty variable is none", { HTTPS_PROXY: "" }, host, undefined],
    ["ALL_PROXY", { ALL_PROXY: proxy, HTTP_PROXY: "http://x:1" }, host, proxy],
    ["HTTP_PROXY last", { HTTP_PROXY: proxy }, host, proxy],
    ["without a scheme", { HTTPS_PROXY: "10.0.0.5:3128" }, host, proxy],
    ["without its credentials", { HTTPS_PROXY: "http://user:secret@10.0.0.5:3128" }, host, proxy],
    ["NO_PROXY exact", { HTTPS_PROXY: proxy, NO_PROXY: host.toUpperCase() }, host, undefined],
    ["NO_PROXY with a dot", { HTTPS_PROXY: proxy, NO_PROXY: ".azure.com" }, host, undefined],
    ["NO_PROXY with a star", { HTTPS_PROXY: proxy, NO_PROXY: "*.azure.com" }, host, undefined],
    ["NO_PROXY without a dot", { HTTPS_PROXY: proxy, no_proxy: "azure.com" }, host, undefined],
    ["NO_PROXY is no substring", { HTTPS_PROXY: proxy, NO_PROXY: "re.com,ep.eastus" }, host, proxy],
    ["NO_PROXY by spaces", { HTTPS_PROXY: proxy, NO_PROXY: "a.example  azure.com" }, host, undefined],
    ["NO_PROXY of this port", { HTTPS_PROXY: proxy, NO_PROXY: "azure.com:443" }, host, undefined],
    ["NO_PROXY of another port", { HTTPS_PROXY: proxy, NO_PROXY: "azure.com:8443" }, host, proxy],
    ["NO_PROXY star", { HTTPS_PROXY: proxy, NO_PROXY: "*" }, host, undefined],
    ["a range never fits a name", { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8,10.1.0.7" }, host, proxy],
    ["a range fits an address", { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8" }, "10.1.0.7", undefined],
    ["never the metadata service", { HTTPS_PROXY: proxy }, "169.254.169.254", undefined],
    ["never Azure's resolver", { HTTPS_PROXY: proxy }, "168.63.129.16", undefined],
    ["never loopback", { HTTPS_PROXY: proxy }, "127.0.0.1:44", undefined],
  ])("%s", (_, environment, name, expected) => {
    expect(proxyFor(name, environment)?.url).toBe(expected);
  });

  it("is shown as it is set, without credentials", () => {
    expect(
      maskedProxyEnvironment({
        HTTPS_PROXY: "http://u:p@ss@10.0.0.5:3128",
        http_proxy: "u:p@10.0.0.5",
        NO_PROXY: "a,b",
        PATH: "/",
      }),
    ).toEqual({ HTTPS_PROXY: "http://***@10.0.0.5:3128", http_proxy: "***@10.0.0.5", NO_PROXY: "a,b" });
  });
});

describe("reaching through a proxy", () => {
  function net(environment: Record<string, string>, ca: readonly string[] = []): ReturnType<typeof createNet> {
    return createNet({
      route: directRoute,
      ca,
      timeoutMs: 400,
      signal: new AbortController().signal,
      count: () => undefined,
      environment,
      lookup: () => Promise.resolve(["127.0.0.1"]),
    });
  }
  const http = { method: "GET", path: "/" } as const;

  it("goes on with TLS and HTTP in the tunnel, and signs in with the environment's credentials", async () => {
    const authority = await createAuthority("Public CA");
    const origin = await startHttps(await authority.issue({ names: [host] }), (request, response) =>
      response.end(request.headers.host),
    );
    const heads: string[] = [];
    const port = await startTcp((socket) => {
      socket.once("data", (head: Buffer) => {
        heads.push(head.toString());
        const inner = connect(origin, "127.0.0.1");
        inner.on("error", () => undefined);
        socket.on("close", () => inner.destroy());
        socket.write("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
        socket.pipe(inner).pipe(socket);
      });
    });
    const ports = net({ HTTPS_PROXY: `http://user:p%40ss@proxy.corp.example:${port}` }, [authority.pem]);
    const proxy = ports.proxyFor(host) ?? "";
    expect(proxy).toBe(`http://proxy.corp.example:${port}`);
    expect(await ports.reachThroughProxy({ proxy, host, port: 443, http })).toMatchObject({
      proxy,
      host,
      port: 443,
      outcome: "tunnel",
      reach: { tls: { faults: [], chain: [{ names: [host] }, {}] }, http: { status: 200, body: host } },
    });
    expect(heads).toEqual([
      `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\nProxy-Authorization: Basic ${Buffer.from("user:p@ss").toString("base64")}\r\nUser-Agent: aml-doctor\r\n\r\n`,
    ]);
  });

  it.each<[string, (socket: Socket) => void, object]>([
    [
      "a refusal",
      (socket) => {
        socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      },
      { outcome: "refused", status: 403 },
    ],
    ["silence", () => undefined, { outcome: "timeout", code: "ETIMEDOUT" }],
    [
      "a reset",
      (socket) => {
        socket.resetAndDestroy();
      },
      { outcome: "failed", code: "ECONNRESET" },
    ],
    [
      "a close",
      (socket) => {
        socket.end();
      },
      { outcome: "failed", code: "ECONNRESET" },
    ],
    [
      "no proxy at all",
      (socket) => {
        socket.write("SSH-2.0-x\r\n\r\n");
      },
      { outcome: "failed", code: "NOT_A_PROXY" },
    ],
    [
      "an endless head",
      (socket) => {
        socket.write("x".repeat(20_000));
      },
      { outcome: "failed", code: "NOT_A_PROXY" },
    ],
  ])("meets %s", async (_, act, expected) => {
    const port = await startTcp(act);
    expect(await net({}).reachThroughProxy({ proxy: `http://127.0.0.1:${port}`, host, port: 443, http })).toMatchObject(
      expected,
    );
  });

  it.each([
    ["socks5://127.0.0.1:1", "UNSUPPORTED_PROXY"],
    ["nonsense", "UNSUPPORTED_PROXY"],
    ["http://127.0.0.1:1", "ECONNREFUSED"],
  ])("fails with %s", async (proxy, code) => {
    expect(await net({}).reachThroughProxy({ proxy, host, port: 443 })).toMatchObject({ outcome: "failed", code });
  });

  it("lets no host smuggle a second request in", async () => {
    const port = await startTcp(() => undefined);
    expect(
      await net({}).reachThroughProxy({ proxy: `http://127.0.0.1:${port}`, host: "a\r\nX: y", port: 443 }),
    ).toMatchObject({ outcome: "failed", code: "NOT_A_HOST" });
  });
});
