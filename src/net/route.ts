/** Where packets for an address really go. `blackhole`: nothing ever answers there. */
export type Route = (
  address: string,
  port: number,
  transport: "udp" | "tcp",
) => { host: string; port: number } | "blackhole";

/** Every address stands for itself. */
export const directRoute: Route = (address, port) => ({ host: address, port });
