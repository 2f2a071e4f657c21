import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Answer, Request } from "./answer.ts";

/** A server that listens on 127.0.0.1, on a port that the system chose. */
export interface LoopbackServer {
  readonly port: number;
  /** Cuts every open connection and stops listening. */
  close(): Promise<void>;
}

/** A diagnose request is some hundred bytes; nothing that a reader sends is larger than this. */
const maxBodyBytes = 1_000_000;

/** Listens, and answers each request with what `handle` gives; a `handle` that throws answers 500. */
export async function serve(
  server: Server | SecureServer,
  handle: (request: Request, signal: AbortSignal) => Promise<Answer>,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that hangs up is no failure of the lab.
    socket.on("error", () => socket.destroy());
  };
  server.on("connection", track);
  server.on("request", (message: IncomingMessage, response: ServerResponse) => {
    void respond(message, response, (request) => handle(request, closing.signal));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      closing.abort();
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Answer>,
): Promise<void> {
  let answer: Answer;
  try {
    const request = await readRequest(message);
    answer =
      request === undefined
        ? { status: 400, body: { error: { code: "BadRequest", message: "The request cannot be read." } } }
        : await handle(request);
  } catch (error) {
    answer = {
      status: 500,
      body: {
        error: { code: "LabFailure", message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      },
    };
  }
  if (!response.destroyed) send(response, answer);
}

function send(response: ServerResponse, answer: Answer): void {
  const body =
    answer.body === undefined ? "" : typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  const type: Record<string, string> =
    answer.body === undefined
      ? {}
      : { "content-type": typeof answer.body === "string" ? "text/html" : "application/json; charset=utf-8" };
  const headers = Object.entries({ ...type, ...answer.headers }).filter(
    ([name]) => !["content-length", "transfer-encoding"].includes(name.toLowerCase()),
  );
  response.writeHead(answer.status, { ...Object.fromEntries(headers), "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Undefined for a request that is no lawful one: a bad escape in its path, or too large a body. */
async function readRequest(message: IncomingMessage): Promise<Request | undefined> {
  const url = message.url ?? "/";
  const start = url.indexOf("?");
  const path = start < 0 ? url : url.slice(0, start);
  const search = start < 0 ? "" : url.slice(start);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  let segments: string[];
  try {
    segments = path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
  return {
    method: (message.method ?? "GET").toUpperCase(),
    path,
    search,
    segments,
    query: new URLSearchParams(search),
    headers: message.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
