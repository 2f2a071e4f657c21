import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Answer } from "dns-packet";
import { describe, expect, it } from "vitest";
import { createDns, type DnsOptions } from "../../src/net/dns.ts";
import { directRoute } from "../../src/net/route.ts";
import { reply, startDns } from "./dns-lab.ts";

const name = "ep.eastus.inference.ml.azure.com";
const link = "ep.guid.inference.eastus.privatelink.api.azureml.ms";
const soa: Answer = {
  type: "SOA",
  name: "privatelink.api.azureml.ms",
  ttl: 10,
  data: {
    mname: "azureprivatedns.net",
    rname: "h.microsoft.com",
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 300,
  },
};
const alias: Answer = { type: "CNAME", name, ttl: 60, data: link };
const a: Answer = { type: "A", name: link, ttl: 30, data: "10.1.0.7" };

function dns(more: Partial<DnsOptions> = {}): ReturnType<typeof createDns> {
  return createDns({
    route: directRoute,
    timeoutMs: 300,
    signal: new AbortController().signal,
    count: () => undefined,
    ...more,
  });
}

describe("a DNS query", () => {
  it("brings the chain and the addresses of its last name, whatever the order of records", async () => {
    const server = await startDns((query) => [reply(query, { answers: [a, alias] })]);
    let questions = 0;
    const answer = await dns({ count: () => (questions += 1) }).query({
      name: "EP.eastus.inference.ml.azure.com.",
      type: "A",
      server,
    });
    expect(answer).toEqual({
      server,
      name: "EP.eastus.inference.ml.azure.com.",
      type: "A",
      outcome: "answered",
      rcode: "NOERROR",
      chain: [name, link],
      addresses: ["10.1.0.7"],
      ttlSeconds: 30,
      authoritative: false,
      transport: "udp",
      durationMs: expect.any(Number),
    });
    expect(questions).toBe(1);
  });

  it("tells by the SOA which zone denied the last name", async () => {
    const server = await startDns((query) => [reply(query, { flags: 3, answers: [alias], authorities: [soa] })]);
    expect(await dns().query({ name, type: "A", server })).toMatchObject({
      outcome: "answered",
      rcode: "NXDOMAIN",
      chain: [name, link],
      addresses: [],
      ttlSeconds: 10,
      soa: { zone: "privatelink.api.azureml.ms", primary: "azureprivatedns.net", minimumSeconds: 300 },
    });
  });

  it("goes to TCP for a truncated answer and never uses the truncated records", async () => {
    const server = await startDns((query, _, transport) => [
      transport === "udp"
        ? reply(query, { flags: 0x200, answers: [{ ...a, name, data: "10.9.9.9" }] })
        : reply(query, { answers: [{ ...a, name }] }),
    ]);
    expect(await dns().query({ name, type: "A", server })).toMatchObject({
      outcome: "answered",
      transport: "tcp",
      addresses: ["10.1.0.7"],
    });
  });

  it("says that a server answers over TCP only", async () => {
    const server = await startDns((query) => [reply(query, { answers: [{ ...a, name }] })], "tcp");
    expect(await dns().query({ name, type: "A", server })).toMatchObject({ outcome: "answered", transport: "tcp" });
  });

  it("is asked again without EDNS when the server cannot read it", async () => {
    const server = await startDns((query) => [
      reply(query, query.additionals?.length ? { flags: 1 } : { answers: [{ ...a, name }] }),
    ]);
    expect(await dns({ timeoutMs: 2000 }).query({ name, type: "A", server })).toMatchObject({
      rcode: "NOERROR",
      addresses: ["10.1.0.7"],
      transport: "udp",
    });
  });

  it("is asked again without EDNS when such queries are dropped", async () => {
    const server = await startDns((query) =>
      query.additionals?.length ? [] : [reply(query, { answers: [{ ...a, name }] })],
    );
    expect(await dns().query({ name, type: "A", server })).toMatchObject({ addresses: ["10.1.0.7"], transport: "udp" });
  });

  it("passes over answers with another id or question", async () => {
    const forged: Answer = { ...a, name, data: "203.0.113.66" };
    const server = await startDns((query) => [
      reply(query, { id: ((query.id ?? 0) + 1) % 65536, answers: [forged] }),
      reply(query, { name: "other.example", answers: [forged] }),
      reply(query, { answers: [{ ...a, name }] }),
    ]);
    expect(await dns().query({ name, type: "A", server })).toMatchObject({ addresses: ["10.1.0.7"] });
  });

  it.each([
    [
      "garbage",
      (raw: Buffer) => Buffer.concat([raw.subarray(0, 2), Buffer.from("\x81\x80not dns at all", "latin1")]),
      "malformed",
    ],
    ["a packet without any sense", () => Buffer.from("hello"), "malformed"],
  ])("calls %s malformed", async (_, make, outcome) => {
    const server = await startDns((_query, raw) => [make(raw)]);
    expect(await dns().query({ name, type: "A", server })).toMatchObject({ outcome, chain: [name], addresses: [] });
  });

  it.each(["SERVFAIL", "REFUSED"])("reports %s as an answer", async (rcode) => {
    const server = await startDns((query) => [reply(query, { flags: rcode === "SERVFAIL" ? 2 : 5 })]);
    expect(await dns().query({ name, type: "A", server })).toMatchObject({ outcome: "answered", rcode, addresses: [] });
  });

  it("times out on a silent server, within twice its limit", async () => {
    const server = await startDns(() => []);
    const answer = await dns({ timeoutMs: 100 }).query({ name, type: "A", server });
    expect(answer).toMatchObject({ outcome: "timeout", transport: "udp" });
    expect(answer.durationMs).toBeLessThan(600);
  });

  it("times out where nothing ever answers, and ends at once when the run does", async () => {
    const run = new AbortController();
    const route = () => "blackhole" as const;
    expect(await dns({ timeoutMs: 50, route }).query({ name, type: "A", server: "10.0.0.4" })).toMatchObject({
      outcome: "timeout",
      server: "10.0.0.4",
    });
    const pending = dns({ timeoutMs: 60_000, route, signal: run.signal }).query({
      name,
      type: "A",
      server: "10.0.0.4",
    });
    run.abort();
    expect(await pending).toMatchObject({ outcome: "timeout", detail: expect.stringContaining("the run ended") });
  });

  it("says that nobody listens", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    socket.close();
    expect(await dns().query({ name, type: "A", server: `127.0.0.1:${port}` })).toMatchObject({ outcome: "refused" });
  });

  it.each([
    "a..b",
    "",
    ".",
    `${"x".repeat(64)}.example`,
    `${"abcdefgh.".repeat(29)}example`,
    "a b.example",
    "a\u0000b.example",
  ])("refuses the name %j before asking", async (bad) => {
    expect(
      await dns({ count: () => expect.unreachable() }).query({ name: bad, type: "A", server: "192.0.2.1" }),
    ).toMatchObject({ outcome: "malformed" });
  });

  it.each(["dns.example", "10.0.0.4:0", "10.0.0.4:99999", "[10.0.0.4", ""])("refuses the server %j", async (server) => {
    expect(await dns().query({ name, type: "A", server })).toMatchObject({ outcome: "unreachable" });
  });

  it("is routed in one place, for UDP and TCP alike", async () => {
    const server = await startDns((query) => [reply(query, { answers: [{ ...a, name }] })]);
    const route = () => ({ host: "127.0.0.1", port: Number(server.split(":")[1]) });
    expect(await dns({ route }).query({ name, type: "A", server: "168.63.129.16" })).toMatchObject({
      server: "168.63.129.16",
      addresses: ["10.1.0.7"],
    });
  });
});

describe("the system's look-up", () => {
  it.each<[string, DnsOptions["lookup"], object]>([
    ["brings addresses once", () => Promise.resolve(["10.1.0.7", "10.1.0.7"]), { addresses: ["10.1.0.7"] }],
    [
      "brings the code of a failure",
      () => Promise.reject(Object.assign(new Error("no"), { code: "EAI_AGAIN" })),
      { addresses: [], error: "EAI_AGAIN" },
    ],
    ["is raced against the limit", () => new Promise(() => undefined), { addresses: [], error: "timeout" }],
    [
      "survives a resolver that throws",
      () => {
        throw new Error("no");
      },
      { addresses: [], error: "Error" },
    ],
  ])("%s", async (_, lookup, expected) => {
    expect(await dns({ timeoutMs: 30, ...(lookup === undefined ? {} : { lookup }) }).lookup("a.example")).toEqual({
      name: "a.example",
      ...expected,
    });
  });
});
