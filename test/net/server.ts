import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from "node:net";
import type { IssuedCertificate } from "../../src/lab/certificates.ts";
import { onTestFinished } from "vitest";

/** Listens on a port of 127.0.0.1 until the test ends. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export function startHttps(certificate: IssuedCertificate, listener: RequestListener): Promise<number> {
  return listen(createHttps({ key: certificate.keyPem, cert: certificate.certificatePem }, listener));
}

export function startHttp(listener: RequestListener): Promise<number> {
  return listen(createHttp(listener));
}

export function startTcp(onConnection: (socket: Socket) => void): Promise<number> {
  return listen(createTcp(onConnection));
}
