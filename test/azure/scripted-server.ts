import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TokenCredential } from "@azure/identity";
import { createArm, type ArmOptions } from "../../src/azure/arm.ts";
import { createAuthority } from "../../src/lab/certificates.ts";

/** Answers one request; `count` is how many came for this path before. */
export type Script = (request: IncomingMessage & { count: number }, response: ServerResponse, origin: string) => void;

/** An HTTPS server that misbehaves as a test wants it to. */
export interface ScriptedServer extends AsyncDisposable {
  readonly origin: string;
  readonly ca: string;
  readonly asked: {
    readonly method: string;
    readonly url: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }[];
}

const authority = await createAuthority("test authority");
const certificate = await authority.issue({ names: ["localhost", "127.0.0.1"] });

/** Starts it on loopback. */
export async function serve(script: Script): Promise<ScriptedServer> {
  const asked: ScriptedServer["asked"] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer(
    { key: certificate.keyPem, cert: certificate.certificatePem },
    (request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const path = (request.url ?? "").split("?")[0];
        const count = asked.filter(({ url }) => url.split("?")[0] === path).length;
        asked.push({
          method: request.method ?? "",
          url: request.url ?? "",
          authorization: request.headers.authorization,
          body,
        });
        script(Object.assign(request, { count }), response, origin);
      });
    },
  );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    ca: authority.pem,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "content-type": "application/json", "x-ms-request-id": "1", ...headers })
    .end(JSON.stringify(body));
}

/** A credential that always has a token. */
export const anyToken: TokenCredential = {
  getToken: (_scopes, options) =>
    Promise.resolve({
      token: options?.claims === undefined ? "first" : `claims:${options.claims}`,
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
};

/** Reads from the server, with its counters. */
export function armAt(server: ScriptedServer, more: Partial<ArmOptions> = {}) {
  const stats = { armRequests: 0, retries: 0 };
  const arm = createArm({
    endpoint: server.origin,
    ca: server.ca,
    credential: anyToken,
    signal: new AbortController().signal,
    requestTimeoutMs: 5000,
    stats,
    ...more,
  });
  return { arm, stats };
}
