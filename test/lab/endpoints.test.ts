import { connect as connectTcp } from "node:net";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Agent, request } from "undici";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import { startEndpoints, type Endpoints } from "../../src/lab/endpoints.ts";
import type { World } from "../../src/lab/world.ts";

const tls = (
  issuer: "public-ca" | "corporate-ca" | "self-signed",
  dates: { notBefore?: string; notAfter?: string } = {},
) => ({
  names: ["*.vault.azure.net", "10.1.0.12"],
  issuer,
  ...dates,
});

const world: World["network"]["endpoints"] = [
  {
    address: "10.1.0.12",
    port: 443,
    tcp: "open",
    tls: tls("public-ca"),
    http: [
      {
        host: "kv.vault.azure.net",
        method: "GET",
        path: "/healthstatus",
        status: 200,
        headers: { "x-ms-region": "eastus2", "content-length": "999" },
        body: "healthy",
      },
      { host: "kv.vault.azure.net", path: "/secrets?api-version=7.4", status: 403, body: "with query" },
      { host: "kv.vault.azure.net", path: "/secrets", status: 401 },
      { host: "KV2.vault.azure.net", method: "post", status: 200, body: "[0.62, 0.38]" },
    ],
  },
  { address: "10.1.0.20", port: 443, tcp: "open", tls: tls("corporate-ca"), http: [{ status: 200 }] },
  { address: "10.1.0.21", port: 443, tcp: "open", tls: tls("self-signed") },
  { address: "10.1.0.22", port: 443, tcp: "open", tls: tls("public-ca", { notAfter: "2020-01-01T00:00:00Z" }) },
  { address: "10.1.0.23", port: 443, tcp: "open", tls: tls("public-ca", { notBefore: "2090-01-01T00:00:00Z" }) },
  {
    address: "10.1.0.30",
    port: 80,
    tcp: "open",
    http: [{ path: "/", status: 301, headers: { location: "https://x.example/" } }],
  },
  { address: "10.1.0.30", port: 80, tcp: "refused" },
  { address: "10.1.0.31", port: 445, tcp: "open" },
  { address: "10.1.0.40", port: 443, tcp: "refused" },
  { address: "10.1.0.41", port: 443, tcp: "refused" },
  { address: "10.1.0.42", port: 443, tcp: "reset" },
  { address: "10.1.0.43", port: 443, tcp: "timeout" },
  { address: "fd00:1::7", port: 443, tcp: "open" },
];

let publicCa: Authority;
let corporateCa: Authority;
let endpoints: Endpoints;

beforeAll(async () => {
  [publicCa, corporateCa] = await Promise.all([
    createAuthority("Lab public CA"),
    createAuthority("Contoso inspection CA"),
  ]);
  endpoints = await startEndpoints(world, { publicCa, corporateCa });
});
afterAll(() => endpoints.close());

function portOf(address: string, port: number): number {
  const place = endpoints.locate(address, port);
  if (place === undefined) throw new Error(`nothing stands for ${address}:${port}`);
  return place.port;
}

/** What dialling does: `open`, or the error's code. An open connection that breaks says so too. */
function dial(port: number, holdMs = 100): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1");
    const end = (outcome: string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    // Without reading, a reset is not noticed.
    socket.resume();
    socket.on("connect", () => {
      if (holdMs === 0) end("open");
      else setTimeout(() => end("open"), holdMs);
    });
  });
}

interface Handshake {
  readonly code: string | undefined;
  readonly certificate: PeerCertificate;
  readonly alpn: string | false | null;
}

/** A handshake that judges the certificate against the lab's public authority and reports instead of failing. */
function shake(address: string, servername: string, early?: string): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        port: portOf(address, 443),
        host: "127.0.0.1",
        servername,
        ca: publicCa.pem,
        rejectUnauthorized: false,
        ALPNProtocols: ["h2", "http/1.1"],
      },
      () => {
        const error = socket.authorizationError as unknown;
        // The property holds the code, whatever its declared type says; a fault of names is an error object.
        const code =
          error instanceof Error
            ? (error as NodeJS.ErrnoException).code
            : typeof error === "string"
              ? error
              : undefined;
        const seen = { code, certificate: socket.getPeerCertificate(true), alpn: socket.alpnProtocol };
        if (early !== undefined) socket.write(early);
        socket.destroy();
        resolve(seen);
      },
    );
    socket.on("error", reject);
    socket.setTimeout(2_000, () => reject(new Error("no handshake within 2 s")));
  });
}

describe("TCP", () => {
  it.each([
    ["10.1.0.31", 445, "open"],
    ["fd00:1:0::7", 443, "open"],
    ["10.1.0.30", 80, "open"],
    ["10.1.0.40", 443, "ECONNREFUSED"],
    ["10.1.0.41", 443, "ECONNREFUSED"],
    ["10.1.0.42", 443, "ECONNRESET"],
  ])("%s:%i is %s", async (address, port, outcome) => {
    expect(await dial(portOf(address, port))).toBe(outcome);
  });

  it.each([
    ["10.1.0.43", 443],
    ["10.1.0.12", 80],
    ["10.99.0.1", 443],
  ])("packets to %s:%i are lost", (address, port) => {
    expect(endpoints.locate(address, port)).toBeUndefined();
  });

  it("resets a connection only after it stood", async () => {
    const port = portOf("10.1.0.42", 443);
    expect(await Promise.all(Array.from({ length: 20 }, () => dial(port, 0)))).toEqual(Array(20).fill("open"));
    await expect(shake("10.1.0.42", "kv.vault.azure.net")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("keeps refused ports apart and refused", async () => {
    expect(portOf("10.1.0.40", 443)).not.toBe(portOf("10.1.0.41", 443));
    expect(await dial(portOf("10.1.0.40", 443))).toBe("ECONNREFUSED");
  });
});

describe("TLS", () => {
  it.each([
    ["a certificate that is trusted for its names", "10.1.0.12", "kv.vault.azure.net", undefined],
    ["other names", "10.1.0.12", "kv.example", "ERR_TLS_CERT_ALTNAME_INVALID"],
    [
      "an inspection proxy, which sends its leaf alone",
      "10.1.0.20",
      "kv.vault.azure.net",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ],
    ["a certificate that vouches for itself", "10.1.0.21", "kv.vault.azure.net", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["an expired certificate", "10.1.0.22", "kv.vault.azure.net", "CERT_HAS_EXPIRED"],
    ["a certificate of the future", "10.1.0.23", "kv.vault.azure.net", "CERT_NOT_YET_VALID"],
  ])("shows %s", async (_story, address, servername, code) => {
    expect((await shake(address, servername)).code).toBe(code);
  });

  it("names the corporate authority in the leaf", async () => {
    const { certificate } = await shake("10.1.0.20", "kv.vault.azure.net");
    expect(certificate.issuer.CN).toBe("Contoso inspection CA");
    expect(certificate.subjectaltname).toBe("DNS:*.vault.azure.net, IP Address:10.1.0.12");
  });

  it("speaks HTTP/1.1 and shows one certificate for all connections", async () => {
    const shakes = await Promise.all(Array.from({ length: 5 }, () => shake("10.1.0.12", "kv.vault.azure.net")));
    expect(shakes.map(({ alpn }) => alpn)).toEqual(Array(5).fill("http/1.1"));
    expect(new Set(shakes.map(({ certificate }) => certificate.fingerprint256)).size).toBe(1);
  });

  it("survives a client that is not speaking TLS", async () => {
    const port = portOf("10.1.0.12", 443);
    await new Promise<void>((resolve) => {
      const socket = connectTcp(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\n\r\n"));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
    expect((await shake("10.1.0.12", "kv.vault.azure.net")).code).toBeUndefined();
  });
});

describe("HTTP", () => {
  async function ask(
    method: "GET" | "POST",
    host: string,
    path: string,
    body: string | null = null,
  ): Promise<[number, string]> {
    const port = portOf("10.1.0.12", 443);
    const agent = new Agent({
      connect: {
        ca: publicCa.pem,
        lookup: (_name, options, found) =>
          options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4),
      },
    });
    const answer = await request(`https://${host}:${port}${path}`, {
      method,
      body,
      dispatcher: agent,
      headersTimeout: 2_000,
      bodyTimeout: 2_000,
    });
    const text = await answer.body.text();
    await agent.close();
    return [answer.statusCode, text];
  }

  it.each([
    ["GET", "kv.vault.azure.net", "/healthstatus", 200, "healthy"],
    ["GET", "KV.vault.azure.net", "/healthstatus?x=1", 200, "healthy"],
    ["POST", "kv.vault.azure.net", "/healthstatus", 404, ""],
    ["GET", "kv.vault.azure.net", "/secrets?api-version=7.4", 403, "with query"],
    ["GET", "kv.vault.azure.net", "/secrets?api-version=7.5", 401, ""],
    ["POST", "kv2.vault.azure.net", "/score", 200, "[0.62, 0.38]"],
    ["GET", "kv2.vault.azure.net", "/score", 404, ""],
    ["GET", "kv3.vault.azure.net", "/healthstatus", 404, ""],
  ] as const)("%s %s%s: %i %s", async (method, host, path, status, body) => {
    expect(await ask(method, host, path, method === "POST" ? "{}" : null)).toEqual([status, body]);
  });

  it("answers without TLS, on a connection that is kept", async () => {
    const port = portOf("10.1.0.30", 80);
    const agent = new Agent({ connections: 1 });
    const before = endpoints.connections().length;
    for (let times = 0; times < 2; times += 1) {
      const answer = await request(`http://127.0.0.1:${port}/`, { dispatcher: agent });
      await answer.body.dump();
      expect([answer.statusCode, answer.headers["location"]]).toEqual([301, "https://x.example/"]);
    }
    await agent.close();
    const made = endpoints.connections().slice(before);
    expect(made.map(({ address, port: at, requests }) => [address, at, requests.length])).toEqual([
      ["10.1.0.30", 80, 2],
    ]);
  });

  it("remembers what it was asked, without what it was asked with", async () => {
    await ask("POST", "kv2.vault.azure.net", "/score?x=1", "{}");
    const last = endpoints.connections().at(-1);
    const port = portOf("10.1.0.12", 443);
    expect(last).toMatchObject({ address: "10.1.0.12", port: 443, sni: "kv2.vault.azure.net" });
    expect(last?.requests).toMatchObject([
      { method: "POST", path: "/score?x=1", host: `kv2.vault.azure.net:${port}`, headers: { "content-length": "2" } },
    ]);
  });
});

describe("starting and stopping", () => {
  it("starts forty endpoints without making their certificates first", async () => {
    let issued = 0;
    const counting: Authority = {
      pem: publicCa.pem,
      issue(wanted) {
        issued += 1;
        return publicCa.issue(wanted);
      },
    };
    const many = Array.from({ length: 40 }, (_, index) => ({
      address: `10.2.0.${index}`,
      port: 443,
      tcp: "open" as const,
      tls: tls("public-ca"),
    }));
    const started = await startEndpoints(many, { publicCa: counting, corporateCa });
    expect(issued).toBe(0);
    await started.close();
  });

  it("close cuts what is open", async () => {
    const started = await startEndpoints([{ address: "10.1.0.31", port: 445, tcp: "open" }], { publicCa, corporateCa });
    const socket = connectTcp(started.locate("10.1.0.31", 445)?.port ?? 0, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const cut = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.resume();
    while (started.connections().length === 0) await new Promise((resolve) => setImmediate(resolve));
    await started.close();
    await cut;
  });

  it("refuses a header that HTTP cannot carry", async () => {
    const bad: World["network"]["endpoints"] = [
      { address: "10.1.0.1", port: 80, tcp: "open", http: [{ status: 200, headers: { "x-a": "b\r\nc: d" } }] },
    ];
    await expect(startEndpoints(bad, { publicCa, corporateCa })).rejects.toThrow(/x-a/);
  });
});
