import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket, type SecureContext } from "node:tls";
import { endpointContext, type EndpointAuthorities } from "./endpoint-certificates.ts";
import { answerByRules, checkHttpRules, type SeenRequest } from "./http-rules.ts";
import { listenOnLoopback, loopbackHost, placeKey, stopListening, type LoopbackPlace } from "./loopback-listener.ts";
import { holdRefusedPorts } from "./refused-ports.ts";
import type { World } from "./world.ts";

type Endpoint = World["network"]["endpoints"][number];

/** A TCP connection that reached an endpoint, by the endpoint's address in the world. */
export interface SeenConnection {
  readonly address: string;
  readonly port: number;
  /** The server name of the TLS handshake; absent without one, and before the handshake is done. */
  readonly sni?: string;
  readonly requests: readonly SeenRequest[];
}

/** Everything that listens in a world. */
export interface Endpoints {
  /** The socket that stands for a world address and port; undefined: packets to it are lost. */
  locate(address: string, port: number): LoopbackPlace | undefined;
  /** Connections since the start, oldest first. */
  connections(): readonly SeenConnection[];
  close(): Promise<void>;
}

type ConnectionLog = { address: string; port: number; sni?: string; requests: SeenRequest[] };

/** A client that starts no handshake for so long is let go. */
const handshakeMs = 30_000;
const resetMs = 20;

/**
 * Starts a server for each endpoint that is open or resets connections. Of two endpoints with one address and port the
 * first counts. Throws an Error when a world's HTTP header cannot be sent.
 */
export async function startEndpoints(
  endpoints: World["network"]["endpoints"],
  authorities: EndpointAuthorities,
): Promise<Endpoints> {
  const byPlace = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const key = placeKey(endpoint.address, endpoint.port);
    if (!byPlace.has(key)) byPlace.set(key, endpoint);
    checkHttpRules(endpoint.http ?? []);
  }
  const log: ConnectionLog[] = [];
  const sockets = new Set<Socket>();
  const listening = [...byPlace].filter(([, endpoint]) => endpoint.tcp === "open" || endpoint.tcp === "reset");
  const refusing = [...byPlace].filter(([, endpoint]) => endpoint.tcp === "refused");
  const servers: Server[] = [];
  const places = new Map<string, number>();
  const refused = await holdRefusedPorts(refusing.length);
  refusing.forEach(([key], index) => places.set(key, refused.ports[index] ?? 0));
  const close = async (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    await Promise.all([refused.close(), ...servers.map(stopListening)]);
  };
  const starts = await Promise.allSettled(
    listening.map(async ([key, endpoint]) => {
      const server = endpointServer(endpoint, authorities, log, sockets);
      servers.push(server);
      places.set(key, await listenOnLoopback(server));
    }),
  );
  for (const start of starts) {
    if (start.status === "fulfilled") continue;
    await close();
    throw start.reason;
  }
  return {
    locate(address, port) {
      const place = places.get(placeKey(address, port));
      return place === undefined ? undefined : { host: loopbackHost, port: place };
    },
    connections: () => log.map((connection) => ({ ...connection, requests: [...connection.requests] })),
    close,
  };
}

/** The TCP server of one endpoint, and what stands on it: TLS, HTTP, both or none. */
function endpointServer(
  endpoint: Endpoint,
  authorities: EndpointAuthorities,
  log: ConnectionLog[],
  sockets: Set<Socket>,
): Server {
  const logs = new WeakMap<Socket, ConnectionLog>();
  const http =
    endpoint.http === undefined
      ? undefined
      : createHttpServer(
          answerByRules(endpoint.http, (request, message) => logs.get(message.socket)?.requests.push(request)),
        );
  // Made at the first connection: most endpoints of a world are never dialled.
  let context: Promise<SecureContext> | undefined;
  // Paused, so that the first bytes are still there when the certificate is.
  const server = createServer({ pauseOnConnect: endpoint.tls !== undefined && endpoint.tcp === "open", noDelay: true });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const entry: ConnectionLog = { address: endpoint.address, port: endpoint.port, requests: [] };
    log.push(entry);
    if (endpoint.tcp === "reset") {
      resetSoon(socket);
    } else if (endpoint.tls === undefined) {
      logs.set(socket, entry);
      converse(socket, http);
    } else {
      context ??= endpointContext(endpoint.tls, authorities);
      context.then(
        (ready) =>
          secure(socket, ready, (secured) => {
            if (typeof secured.servername === "string") entry.sni = secured.servername;
            logs.set(secured, entry);
            converse(secured, http);
          }),
        () => socket.destroy(),
      );
    }
  });
  return server;
}

/**
 * Resets a connection at the client's first byte, or soon without one. At once would be a race: the client would see now
 * a connection that breaks, now none.
 */
function resetSoon(socket: Socket): void {
  const reset = setTimeout(() => socket.resetAndDestroy(), resetMs);
  socket.once("data", () => socket.resetAndDestroy());
  socket.once("close", () => clearTimeout(reset));
}

/** Gives an established connection to HTTP, or keeps it open and says nothing. */
function converse(socket: Socket, http: HttpServer | undefined): void {
  if (http === undefined) socket.resume();
  else http.emit("connection", socket);
}

function secure(socket: Socket, secureContext: SecureContext, established: (secured: TLSSocket) => void): void {
  const secured = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] });
  const deadline = setTimeout(() => secured.destroy(), handshakeMs);
  secured.on("error", () => secured.destroy());
  secured.on("close", () => clearTimeout(deadline));
  secured.once("secure", () => {
    clearTimeout(deadline);
    established(secured);
  });
}
