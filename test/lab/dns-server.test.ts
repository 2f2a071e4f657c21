import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDnsServers, type DnsServers } from "../../src/lab/dns-server.ts";
import { askTcp, askUdp, decoded, question, told } from "./ask-dns.ts";

const record = (line: string): { name: string; type: string; data: string; ttl: number } => {
  const [name = "", type = "", ...data] = line.split(" ");
  return { name, type, data: data.join(" "), ttl: 10 };
};

const records = [
  "ep.eastus.inference.example CNAME ep.guid.privatelink.example",
  "*.guid.privatelink.example A 10.1.0.7",
  "taken.guid.privatelink.example TXT v=1",
  "deep.ent.guid.privatelink.example A 10.1.0.8",
  "privatelink.example SOA azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10",
  "vanished.example CNAME gone.privatelink.example",
  "elsewhere.example CNAME gone.other.example",
  "bare.example CNAME taken.guid.privatelink.example",
  "loop1.example CNAME loop2.example",
  "loop2.example CNAME loop1.example",
  "*.alias.example CNAME www.example",
  "self.wild.example CNAME x.wild2.example",
  "*.wild2.example CNAME y.wild2.example",
  "www.example A 192.0.2.1",
  "www.example A 192.0.2.2",
  "www.example AAAA fd00:1::7",
  "txt.example TXT v=spf1 -all",
  'quoted.example TXT "one two" "three"',
  "_ldap._tcp.example SRV 0 5 389 dc.example",
  "5.0.1.10.in-addr.arpa PTR ep.example",
  "ns.example NS ns1.example",
  ...Array.from({ length: 20 }, (_, index) => `chain${index}.example CNAME chain${index + 1}.example`),
  "chain20.example A 192.0.2.20",
  ...Array.from({ length: 40 }, (_, index) => `many.example A 192.0.2.${index + 1}`),
].map(record);

const overrides = [
  { name: "servfail.example", rcode: "SERVFAIL" },
  { name: "refused.example", rcode: "REFUSED" },
  { name: "www.example", type: "TXT", rcode: "NXDOMAIN" },
  { name: "silent.example", behaviour: "timeout" as const },
  { name: "tc.example", behaviour: "truncate" as const },
  { name: "tcponly.example", behaviour: "udp-timeout" as const },
  { name: "broken.example", behaviour: "malformed" as const },
];
records.push(...["tc", "tcponly", "broken", "silent", "servfail"].map((name) => record(`${name}.example A 192.0.2.9`)));

let servers: DnsServers;
let port: number;
let closedPort: number;

beforeAll(async () => {
  servers = await startDnsServers({
    servers: {
      "10.0.0.4": { records, overrides },
      "168.63.129.16": {
        records: [record("www.example A 10.9.9.9")],
        overrides: [{ name: "*", type: "AAAA", rcode: "REFUSED" }],
      },
      "fd00:0:0::53": { records: [], overrides: [{ name: "*", behaviour: "timeout" }] },
    },
  });
  port = servers.locate("10.0.0.4")?.port ?? 0;
  closedPort = servers.locate("168.63.129.16")?.port ?? 0;
});
afterAll(() => servers.close());

const ask = async (name: string, type = "A", more = {}): Promise<ReturnType<typeof decoded>> =>
  decoded(await askUdp(port, question(name, type, more)));

describe("a DNS server of a world resolves as a recursive resolver", () => {
  it.each([
    ["www.example", "A", "NOERROR www.example A 192.0.2.1, www.example A 192.0.2.2"],
    ["www.example", "AAAA", "NOERROR www.example AAAA fd00:1::7"],
    ["WWW.Example", "AAAA", "NOERROR WWW.Example AAAA fd00:1::7"],
    ["www.example", "CNAME", "NOERROR"],
    ["www.example", "HTTPS", "NOERROR"],
    [
      "ep.eastus.inference.example",
      "A",
      "NOERROR ep.eastus.inference.example CNAME ep.guid.privatelink.example, ep.guid.privatelink.example A 10.1.0.7",
    ],
    ["ep.eastus.inference.example", "CNAME", "NOERROR ep.eastus.inference.example CNAME ep.guid.privatelink.example"],
    ["ep.eastus.inference.example", "AAAA", "NOERROR ep.eastus.inference.example CNAME ep.guid.privatelink.example"],
    ["taken.guid.privatelink.example", "A", "NOERROR"],
    ["ent.guid.privatelink.example", "A", "NOERROR"],
    ["other.ent.guid.privatelink.example", "A", "NXDOMAIN"],
    ["a.b.guid.privatelink.example", "A", "NOERROR a.b.guid.privatelink.example A 10.1.0.7"],
    ["guid.privatelink.example", "A", "NOERROR"],
    ["vanished.example", "A", "NXDOMAIN vanished.example CNAME gone.privatelink.example"],
    ["bare.example", "A", "NOERROR bare.example CNAME taken.guid.privatelink.example"],
    ["x.alias.example", "AAAA", "NOERROR x.alias.example CNAME www.example, www.example AAAA fd00:1::7"],
    ["loop1.example", "A", "SERVFAIL"],
    ["self.wild.example", "A", "SERVFAIL"],
    ["txt.example", "TXT", "NOERROR txt.example TXT [{type:Buffer,data:[118,61,115,112,102,49,32,45,97,108,108]}]"],
    ["_ldap._tcp.example", "SRV", "NOERROR _ldap._tcp.example SRV {priority:0,weight:5,port:389,target:dc.example}"],
    ["5.0.1.10.in-addr.arpa", "PTR", "NOERROR 5.0.1.10.in-addr.arpa PTR ep.example"],
    ["ns.example", "NS", "NOERROR ns.example NS ns1.example"],
    ["absent.test", "A", "NXDOMAIN"],
    [".", "A", "NOERROR"],
  ])("%s %s: %s", async (name, type, expected) => {
    const answer = type === "HTTPS" ? await ask(name, "UNKNOWN_65") : await ask(name, type);
    expect(told(answer)).toBe(expected);
  });

  it("echoes id and question and offers recursion", async () => {
    const answer = await ask("wWw.example");
    expect([answer.id, answer.flag_ra, answer.flag_rd, answer.questions?.[0]?.name]).toEqual([
      4711,
      true,
      true,
      "wWw.example",
    ]);
  });

  it("keeps quoted strings apart", async () => {
    const text = (await ask("quoted.example", "TXT")).answers?.[0];
    expect(text?.type === "TXT" ? [text.data].flat().map(String) : []).toEqual(["one two", "three"]);
  });

  it("proves a negative answer with the SOA of the zone of the last name", async () => {
    for (const name of ["vanished.example", "bare.example", "x.ent.guid.privatelink.example"]) {
      const soa = (await ask(name)).authorities?.[0];
      expect(soa).toMatchObject({
        name: "privatelink.example",
        type: "SOA",
        ttl: 10,
        data: { mname: "azureprivatedns.net", minimum: 10 },
      });
    }
    expect((await ask("elsewhere.example")).authorities).toEqual([]);
  });

  it("follows a chain of any depth", async () => {
    const [answer] = await askTcp(port, [question("chain0.example", "A")]);
    expect(decoded(answer).answers?.length).toBe(21);
  });
});

describe("a DNS server of a world keeps to the limits of UDP", () => {
  const opt = (udpPayloadSize: number): object => ({
    additionals: [
      {
        type: "OPT",
        name: ".",
        udpPayloadSize,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });

  it("truncates over 512 bytes without EDNS, without data", async () => {
    const answer = await ask("many.example");
    expect([answer.flag_tc, answer.answers?.length, answer.rcode, answer.additionals]).toEqual([
      true,
      0,
      "NOERROR",
      [],
    ]);
  });

  it("answers in full within the client's payload size, and echoes the OPT", async () => {
    const answer = await ask("many.example", "A", opt(4096));
    expect([answer.flag_tc, answer.answers?.length, answer.additionals?.[0]?.type]).toEqual([false, 40, "OPT"]);
    expect((await ask("many.example", "A", opt(600))).flag_tc).toBe(true);
  });

  it("answers in full over TCP, several questions on one connection", async () => {
    const answers = await askTcp(port, [
      question("many.example", "A"),
      question("tc.example", "A"),
      question("tcponly.example", "A"),
    ]);
    expect(answers.map((answer) => decoded(answer).answers?.length)).toEqual([40, 1, 1]);
  });
});

describe("overrides", () => {
  it.each([
    ["servfail.example", "A", "SERVFAIL"],
    ["Refused.Example", "AAAA", "REFUSED"],
    ["www.example", "TXT", "NXDOMAIN"],
  ])("%s %s: %s", async (name, type, expected) => {
    expect(told(await ask(name, type))).toBe(expected);
  });

  it("truncate marks a short answer too", async () => {
    const answer = await ask("tc.example");
    expect([answer.flag_tc, answer.answers?.length]).toEqual([true, 0]);
  });

  it.each(["silent.example", "tcponly.example"])("%s gets no UDP answer", async (name) => {
    expect(await askUdp(port, question(name, "A"), 150)).toBeUndefined();
  });

  it("timeout holds over TCP too, and other questions are still answered", async () => {
    const answers = await askTcp(port, [question("silent.example", "A"), question("www.example", "A")], 150);
    expect(answers.map((answer) => decoded(answer).questions?.[0]?.name)).toEqual(["www.example"]);
  });

  it("malformed has the right id and cannot be decoded", async () => {
    const udp = await askUdp(port, question("broken.example", "A"));
    const [tcp] = await askTcp(port, [question("broken.example", "A")]);
    for (const answer of [udp, tcp]) {
      expect(answer?.readUInt16BE(0)).toBe(4711);
      expect(() => decoded(answer)).toThrow();
    }
  });

  it("`*` matches every name of its type", async () => {
    const of = async (type: string): Promise<string> =>
      told(decoded(await askUdp(closedPort, question("www.example", type))));
    expect([await of("AAAA"), await of("A")]).toEqual(["REFUSED", "NOERROR www.example A 10.9.9.9"]);
  });
});

describe("the servers of a world", () => {
  it("stand each on a port of its own, whatever the spelling of the address", () => {
    expect(servers.locate("fd00::53")).toEqual(servers.locate("FD00:0:0:0::53"));
    expect(
      new Set(["10.0.0.4", "168.63.129.16", "fd00::53"].map((address) => servers.locate(address)?.port)).size,
    ).toBe(3);
    expect(servers.locate("10.0.0.5")).toBeUndefined();
  });

  it("count every query, answered or not", async () => {
    const before = servers.queryCount();
    await askUdp(port, question("silent.example", "A"), 50);
    await askTcp(port, [question("www.example", "A"), question("www.example", "A")]);
    await askUdp(port, Buffer.from("not DNS at all"), 50);
    expect(servers.queryCount() - before).toBe(3);
  });

  it("serve a resolver that is not ours", async () => {
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    expect(await resolver.resolve4("ep.eastus.inference.example")).toEqual(["10.1.0.7"]);
    await expect(resolver.resolve4("vanished.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
    await expect(resolver.resolve4("servfail.example")).rejects.toMatchObject({ code: "ESERVFAIL" });
  });

  it.each([
    [{ name: "a.example", type: "A", data: "10.0.0.256" }, /a\.example A "10\.0\.0\.256" cannot be served/],
    [{ name: "a..example", type: "A", data: "10.0.0.1" }, /no domain name/],
    [{ name: "a.example", type: "SOA", data: "ns.example" }, /mname rname serial/],
    [{ name: "a.example", type: "LOC", data: "x" }, /one of the types/],
  ])("refuse a record that cannot be sent: %j", async (bad, message) => {
    await expect(startDnsServers({ servers: { "10.0.0.4": { records: [bad], overrides: [] } } })).rejects.toThrow(
      message,
    );
  });

  it("refuse a response code that DNS does not have", async () => {
    await expect(
      startDnsServers({ servers: { "10.0.0.4": { records: [], overrides: [{ name: "*", rcode: "NOPE" }] } } }),
    ).rejects.toThrow(/NOPE/);
  });
});
