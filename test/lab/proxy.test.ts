import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProxyAgent, request } from "undici";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import { startEndpoints, type Endpoints } from "../../src/lab/endpoints.ts";
import { startProxy, type Proxy } from "../../src/lab/proxy.ts";

const host = "score1.eastus2.inference.ml.azure.com";
let publicCa: Authority;
let endpoints: Endpoints;
let proxy: Proxy;

beforeAll(async () => {
  publicCa = await createAuthority("Lab public CA");
  endpoints = await startEndpoints(
    [
      {
        address: "20.85.1.20",
        port: 443,
        tcp: "open",
        tls: { names: [host], issuer: "public-ca" },
        http: [{ host, status: 403, body: "Forbidden" }],
      },
      { address: "20.85.1.21", port: 443, tcp: "refused" },
      { address: "20.85.1.22", port: 443, tcp: "timeout" },
      { address: "20.85.1.23", port: 443, tcp: "reset" },
    ],
    { publicCa, corporateCa: publicCa },
  );
  const connect = [
    { host, outcome: "20.85.1.20:443" },
    { host: "refused.example", outcome: "20.85.1.21:443" },
    { host: "lost.example", outcome: "20.85.1.22:443" },
    { host: "reset.example", outcome: "20.85.1.23:443" },
    { host: "login.example", outcome: "407" },
    { host: "blocked.example", outcome: "403" },
  ];
  proxy = await startProxy({ address: "10.0.0.9", port: 3128, connect }, endpoints.locate);
});
afterAll(() => Promise.all([proxy.close(), endpoints.close()]));

/** Sends text to a proxy and hands back everything until the connection ends. */
function say(to: Proxy, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(to.port, to.host, () => socket.write(text));
    let heard = "";
    socket.on("data", (chunk) => (heard += chunk.toString()));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(`${heard}${error.code ?? "error"}`));
    socket.on("close", () => resolve(heard));
    socket.setTimeout(2_000, () => reject(new Error(`the proxy said ${JSON.stringify(heard)} and went on`)));
  });
}

const connectTo = (target: string): string => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;

describe("a proxy of a world", () => {
  it("tunnels to the endpoint that the world names, whatever the name resolves to", async () => {
    const agent = new ProxyAgent({ uri: `http://${proxy.host}:${proxy.port}`, requestTls: { ca: publicCa.pem } });
    const answer = await request(`https://${host}/score`, { dispatcher: agent, headersTimeout: 2_000 });
    expect([answer.statusCode, await answer.body.text()]).toEqual([403, "Forbidden"]);
    await agent.close();
    expect(endpoints.connections().at(-1)).toMatchObject({
      address: "20.85.1.20",
      sni: host,
      requests: [{ path: "/score", host }],
    });
    expect(proxy.connects().at(-1)).toEqual({ target: `${host}:443`, outcome: "20.85.1.20:443" });
  });

  it.each([
    ["blocked.example:443", "HTTP/1.1 403 Forbidden", "403"],
    ["BLOCKED.example.:443", "HTTP/1.1 403 Forbidden", "403"],
    ["login.example:443", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic", "407"],
    ["unlisted.example:443", "HTTP/1.1 403 Forbidden", "403"],
    ["refused.example:443", "HTTP/1.1 502 Bad Gateway", "20.85.1.21:443"],
    ["lost.example:443", "HTTP/1.1 504 Gateway Timeout", "20.85.1.22:443"],
    ["reset.example:443", "HTTP/1.1 200 Connection established", "20.85.1.23:443"],
  ])("CONNECT %s: %s", async (target, answer, outcome) => {
    expect(await say(proxy, connectTo(target))).toContain(answer);
    expect(proxy.connects().at(-1)).toEqual({ target, outcome });
  });

  it("passes a reset on into the tunnel", async () => {
    expect(await say(proxy, connectTo("reset.example:443"))).toMatch(/ECONNRESET$/);
  });

  it("answers plain HTTP requests with 502, and remembers them", async () => {
    const heard = await say(
      proxy,
      "GET http://pypi.org/simple HTTP/1.1\r\nHost: pypi.org\r\nConnection: close\r\n\r\n",
    );
    expect(heard).toContain("HTTP/1.1 502 Bad Gateway");
    expect(proxy.connects().at(-1)).toEqual({ target: "http://pypi.org/simple", outcome: "502" });
  });

  it("takes `*` for the hosts that no rule before it names", async () => {
    const other = await startProxy(
      {
        address: "10.0.0.9",
        port: 3128,
        connect: [
          { host: "a.example", outcome: "503" },
          { host: "*", outcome: "407" },
        ],
      },
      endpoints.locate,
    );
    expect(await say(other, connectTo("a.example:443"))).toContain("503");
    expect(await say(other, connectTo("b.example:443"))).toContain("407");
    await other.close();
  });

  it("refuses an outcome that is no outcome", async () => {
    await expect(
      startProxy({ address: "10.0.0.9", port: 3128, connect: [{ host: "*", outcome: "somewhere" }] }, endpoints.locate),
    ).rejects.toThrow(/somewhere/);
  });
});
