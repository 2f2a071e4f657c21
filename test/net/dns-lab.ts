import { decode, encode, type Answer, type DecodedPacket } from "dns-packet";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What a test server makes of a query: bytes to send back, or nothing. */
export type Responder = (query: DecodedPacket, raw: Buffer, transport: "udp" | "tcp") => readonly Buffer[];

/** An answer to `query` in bytes. `flags` are added to those of a plain recursive answer. */
export function reply(
  query: DecodedPacket,
  more: { answers?: Answer[]; authorities?: Answer[]; flags?: number; id?: number; name?: string } = {},
): Buffer {
  const question = query.questions?.[0];
  return encode({
    type: "response",
    id: more.id ?? query.id ?? 0,
    flags: 0x0180 | (more.flags ?? 0),
    questions: question === undefined ? [] : [{ ...question, name: more.name ?? question.name }],
    answers: more.answers ?? [],
    authorities: more.authorities ?? [],
  });
}

/** Starts a UDP and a TCP server on one port of 127.0.0.1; both end with the test. `only` leaves one of them out. */
export async function startDns(respond: Responder, only?: "udp" | "tcp"): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const udp = createSocket("udp4");
    udp.bind(0, "127.0.0.1");
    await once(udp, "listening");
    const { port } = udp.address();
    const tcp = createServer();
    const sockets = new Set<Socket>();
    tcp.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      if (only === "udp") socket.destroy();
      socket.on("data", (chunk: Buffer) => {
        const raw = chunk.subarray(2);
        for (const message of respond(decode(raw), raw, "tcp")) {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(message.length);
          // Byte for byte in two pieces, as networks may.
          socket.write(length);
          socket.write(message);
        }
      });
    });
    if (!(await listens(tcp, port))) {
      udp.close();
      continue;
    }
    udp.on("message", (raw, from) => {
      if (only === "tcp") return;
      for (const message of respond(decode(raw), raw, "udp")) udp.send(message, from.port, from.address);
    });
    onTestFinished(() => {
      close(udp, tcp, sockets);
    });
    return `127.0.0.1:${port}`;
  }
  throw new Error("no port that is free for both UDP and TCP");
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port === port);
    });
  });
}

function close(udp: UdpSocket, tcp: Server, sockets: ReadonlySet<Socket>): void {
  udp.close();
  for (const socket of sockets) socket.destroy();
  tcp.close();
}
