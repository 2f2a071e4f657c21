import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { listenOnLoopback, loopbackHost, stopListening } from "./loopback-listener.ts";

/** Loopback ports at which a connection is refused for as long as they are held. */
export interface RefusedPorts {
  readonly ports: readonly number[];
  close(): Promise<void>;
}

/**
 * Holds ports on which nobody listens. A port that was bound and closed again can be given to the next process that
 * asks for one; the local port of an outgoing connection cannot, and the system refuses connections to it.
 */
export async function holdRefusedPorts(count: number): Promise<RefusedPorts> {
  if (count === 0) return { ports: [], close: () => Promise.resolve() };
  const accepted = new Set<Socket>();
  const server = createServer((socket) => {
    accepted.add(socket);
    socket.on("error", () => socket.destroy());
  });
  const port = await listenOnLoopback(server);
  const holders = await Promise.all(
    Array.from({ length: count }, async () => {
      const holder = connect({ host: loopbackHost, port });
      await once(holder, "connect");
      holder.on("error", () => holder.destroy());
      return holder;
    }),
  );
  return {
    ports: holders.map((holder) => holder.localPort ?? 0),
    async close() {
      for (const socket of [...holders, ...accepted]) socket.destroy();
      await stopListening(server);
    },
  };
}
