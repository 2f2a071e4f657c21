import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import {
  decodeQuery,
  encodeMalformed,
  encodeResponse,
  encodeUdpResponse,
  rcodeNumber,
  type Query,
  type Saying,
} from "./dns-message.ts";
import { nameKey } from "./dns-data.ts";
import { createDnsZone, type DnsZone } from "./dns-zone.ts";
import { addressKey, listenOnLoopback, loopbackHost, stopListening, type LoopbackPlace } from "./loopback-listener.ts";
import type { World } from "./world.ts";

type DnsServerWorld = World["dns"]["servers"][string];
type Override = DnsServerWorld["overrides"][number];
type Transport = "udp" | "tcp";

/** The DNS servers of a world. */
export interface DnsServers {
  /** The socket pair (UDP and TCP, one port) that stands for a server address; undefined: nobody answers there. */
  locate(address: string): LoopbackPlace | undefined;
  /** Queries that arrived since the start, answered or not, over both transports. */
  queryCount(): number;
  /** The names that arrived in them, in lower case, each once. */
  questions(): readonly string[];
  close(): Promise<void>;
}

interface OneServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A client that says nothing for so long is let go. */
const idleTcpMs = 30_000;
/** UDP picks a port that TCP may not have free: about one time in thirty on a busy machine. */
const bindAttempts = 20;

/** Starts one server for each address. Throws an Error that names a record or override that cannot be served. */
export async function startDnsServers(dns: World["dns"]): Promise<DnsServers> {
  let queries = 0;
  const asked = new Set<string>();
  const answerers = Object.entries(dns.servers).map(
    ([address, server]) => [addressKey(address), answererOf(server)] as const,
  );
  const starts = answerers.map(async ([address, answer]) => {
    const counted: Answerer = (query, transport) => {
      queries += 1;
      for (const { name } of query.questions ?? []) asked.add(name.toLowerCase());
      return answer(query, transport);
    };
    return [address, await startServer(counted)] as const;
  });
  const servers = new Map(await allOrNone(starts));
  return {
    locate(address) {
      const server = servers.get(addressKey(address));
      return server === undefined ? undefined : { host: loopbackHost, port: server.port };
    },
    queryCount: () => queries,
    questions: () => [...asked],
    async close() {
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}

async function allOrNone(starts: Promise<readonly [string, OneServer]>[]): Promise<(readonly [string, OneServer])[]> {
  const results = await Promise.allSettled(starts);
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await Promise.all(results.flatMap((result) => (result.status === "fulfilled" ? [result.value[1].close()] : [])));
  throw failed.reason;
}

/** The message to send back; undefined for silence. */
type Answerer = (query: Query, transport: Transport) => Buffer | undefined;

function answererOf({ records, overrides }: DnsServerWorld): Answerer {
  const zone = createDnsZone(records);
  for (const { rcode } of overrides) if (rcode !== undefined) rcodeNumber(rcode);
  return (query, transport) => {
    const question = query.questions?.[0];
    const name = question?.name === "." ? "" : question?.name;
    const type = question?.type.toUpperCase();
    const override =
      name === undefined || type === undefined ? undefined : overrides.find((each) => matches(each, name, type));
    const behaviour = override?.behaviour;
    if (behaviour === "timeout" || (behaviour === "udp-timeout" && transport === "udp")) return undefined;
    if (behaviour === "malformed") return encodeMalformed(query);
    const saying = say(query, zone, override);
    return transport === "tcp"
      ? encodeResponse(query, saying)
      : encodeUdpResponse(query, saying, behaviour === "truncate");
  };
}

function matches(override: Override, name: string, type: string): boolean {
  if (override.type !== undefined && override.type.toUpperCase() !== type) return false;
  return override.name === "*" || nameKey(override.name) === nameKey(name);
}

function say(query: Query, zone: DnsZone, override: Override | undefined): Saying {
  const question = query.questions?.[0];
  const nothing = { answers: [], authorities: [] };
  if (override?.rcode !== undefined) return { ...nothing, rcode: rcodeNumber(override.rcode) };
  if (query.opcode !== undefined && query.opcode !== "QUERY") return { ...nothing, rcode: rcodeNumber("NOTIMP") };
  if (question === undefined || query.questions?.length !== 1) return { ...nothing, rcode: rcodeNumber("FORMERR") };
  const resolution = zone.resolve(question.name === "." ? "" : question.name, question.type.toUpperCase());
  return { ...resolution, rcode: rcodeNumber(resolution.rcode) };
}

async function startServer(answer: Answerer): Promise<OneServer> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket("udp4");
    const tcp = createServer();
    try {
      udp.bind({ address: loopbackHost, port: 0 });
      await once(udp, "listening");
      const port = await listenOnLoopback(tcp, udp.address().port);
      serveUdp(udp, answer);
      const dropConnections = serveTcp(tcp, answer);
      return {
        port,
        async close() {
          dropConnections();
          await Promise.all([closeUdp(udp), stopListening(tcp)]);
        },
      };
    } catch (error) {
      await closeUdp(udp);
      if (attempt === bindAttempts) throw error;
    }
  }
}

function closeUdp(udp: UdpSocket): Promise<void> {
  return new Promise((resolve) => udp.close(() => resolve()));
}

function serveUdp(udp: UdpSocket, answer: Answerer): void {
  udp.on("message", (message, client) => {
    const query = decodeQuery(message);
    const reply = query === undefined ? undefined : answer(query, "udp");
    // The client may be gone by now, which is its own affair.
    if (reply !== undefined) udp.send(reply, client.port, client.address, () => {});
  });
  udp.on("error", () => {});
}

/** Serves length-prefixed messages, several on a connection if need be. Answers a function that drops all clients. */
function serveTcp(tcp: Server, answer: Answerer): () => void {
  const clients = new Set<Socket>();
  tcp.on("connection", (socket) => {
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(idleTcpMs, () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const query = decodeQuery(pending.subarray(2, end));
        pending = pending.subarray(end);
        const reply = query === undefined ? undefined : answer(query, "tcp");
        if (reply === undefined) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([length, reply]));
      }
    });
  });
  return () => clients.forEach((socket) => socket.destroy());
}
