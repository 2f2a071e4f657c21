import { createServer, STATUS_CODES } from "node:http";
import { connect, type Socket } from "node:net";
import { listenOnLoopback, loopbackHost, stopListening, type LoopbackPlace } from "./loopback-listener.ts";
import type { World } from "./world.ts";

/** The proxy of a world. */
export type ProxyWorld = NonNullable<World["network"]["proxy"]>;

/** One request to the proxy. */
export interface SeenConnect {
  /** `host:port` of a CONNECT, or the URL of a plain request, as it was sent. */
  readonly target: string;
  /** The world's outcome for it: `address:port` or a status. */
  readonly outcome: string;
}

/** A running HTTP proxy, and what it was asked for, oldest first. */
export interface Proxy extends LoopbackPlace {
  connects(): readonly SeenConnect[];
  close(): Promise<void>;
}

/** What a proxy says of hosts that its rules do not name. */
const unlistedOutcome = "403";
/** The lab's own sockets answer at once; longer means that something is badly wrong. */
const upstreamMs = 5_000;

/**
 * Starts the proxy. `locate` finds the socket that stands for an endpoint; a target without one is a 504 at once, where a
 * real proxy would take its time. Throws an Error for an outcome that is neither a status nor `address:port`.
 */
export async function startProxy(
  proxy: ProxyWorld,
  locate: (address: string, port: number) => LoopbackPlace | undefined,
): Promise<Proxy> {
  const rules = proxy.connect.map(({ host, outcome }) => ({
    host: host.toLowerCase(),
    outcome: parseOutcome(outcome),
    text: outcome,
  }));
  const unlisted = { outcome: parseOutcome(unlistedOutcome), text: unlistedOutcome };
  const seen: SeenConnect[] = [];
  const sockets = new Set<Socket>();
  // Plain HTTP through the proxy is nothing that a world describes.
  const server = createServer((request, response) => {
    request.resume();
    seen.push({ target: request.url ?? "", outcome: "502" });
    response.writeHead(502, { "content-length": 0 }).end();
  });
  server.on("connection", (socket) => track(socket, sockets));
  server.on("connect", (request, client: Socket, head) => {
    track(client, sockets);
    const target = request.url ?? "";
    const host = splitPlace(target)?.address.toLowerCase().replace(/\.$/, "");
    const { outcome, text } = rules.find((each) => each.host === "*" || each.host === host) ?? unlisted;
    seen.push({ target, outcome: text });
    const place = typeof outcome === "number" ? undefined : locate(outcome.address, outcome.port);
    if (place !== undefined) tunnel(client, head, place, sockets);
    else refuse(client, typeof outcome === "number" ? outcome : 504);
  });
  const port = await listenOnLoopback(server);
  return {
    host: loopbackHost,
    port,
    connects: () => [...seen],
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await stopListening(server);
    },
  };
}

function tunnel(client: Socket, head: Buffer, place: LoopbackPlace, sockets: Set<Socket>): void {
  const upstream = connect(place);
  track(upstream, sockets);
  const deadline = setTimeout(() => upstream.destroy(new Error("the endpoint's socket does not answer")), upstreamMs);
  const unreachable = (): void => refuse(client, 502);
  upstream.once("error", unreachable);
  upstream.once("connect", () => {
    clearTimeout(deadline);
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.write(head);
    client.pipe(upstream).pipe(client);
    upstream.off("error", unreachable);
    upstream.once("error", () => client.resetAndDestroy());
    client.once("close", () => upstream.destroy());
  });
  upstream.once("close", () => clearTimeout(deadline));
}

function refuse(client: Socket, status: number): void {
  const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="proxy"\r\n' : "";
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\n${challenge}Content-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}

function track(socket: Socket, sockets: Set<Socket>): void {
  if (sockets.has(socket)) return;
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => socket.destroy());
}

/** A status code, or a place of the world. */
function parseOutcome(text: string): number | { address: string; port: number } {
  if (/^[1-5]\d\d$/.test(text)) return Number(text);
  const place = splitPlace(text);
  if (place === undefined)
    throw new Error(`the proxy outcome ${JSON.stringify(text)} is neither a status code nor address:port`);
  return place;
}

function splitPlace(text: string): { address: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|(.+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  return address === undefined ? undefined : { address, port: Number(match?.[3]) };
}
