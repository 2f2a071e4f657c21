import type { Server } from "node:net";

/** Where a socket that stands for a world address really listens. */
export interface LoopbackPlace {
  readonly host: string;
  readonly port: number;
}

/** The only address the lab ever binds: macOS has no other loopback address. */
export const loopbackHost = "127.0.0.1";

/** Listens on the loopback address and answers the port. Rejects with the system's error, such as EADDRINUSE. */
export function listenOnLoopback(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: loopbackHost, port }, () => {
      server.off("error", reject);
      const bound = server.address();
      if (typeof bound === "object" && bound !== null) resolve(bound.port);
      else reject(new Error("the server listens on no port"));
    });
  });
}

/** Stops listening; open connections are the caller's to destroy first. */
export function stopListening(server: Server): Promise<void> {
  // The only error is that the server did not listen, which is what was asked for.
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A world address and port as one key. Two spellings of an IPv6 address are one address. */
export function placeKey(address: string, port: number): string {
  return `${addressKey(address)} ${port}`;
}

/** An address as it is compared. */
export function addressKey(address: string): string {
  const bare = address
    .trim()
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  // The URL parser writes an IPv6 address in the one canonical form of RFC 5952.
  return bare.includes(":") && URL.canParse(`http://[${bare}]`)
    ? new URL(`http://[${bare}]`).hostname.slice(1, -1)
    : bare;
}
