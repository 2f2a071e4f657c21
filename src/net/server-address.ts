import { isIP } from "node:net";

/** A DNS server taken apart. */
export interface ServerAddress {
  readonly address: string;
  readonly port: number;
  /** As reports show it: without the port when that is 53. */
  readonly text: string;
}

/** Reads `address`, `address:port` and `[v6]:port`; undefined for anything else. Names are refused: a server that must
 * itself be looked up cannot be blamed for anything. */
export function parseServer(server: string): ServerAddress | undefined {
  const text = server.trim();
  if (isIP(text) !== 0) return { address: text, port: 53, text };
  const parts = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:[\]]+):(\d{1,5})$/.exec(text);
  const address = parts?.[1] ?? "";
  const port = Number(parts?.[2] ?? "53");
  const version = isIP(address);
  if (version === 0 || port < 1 || port > 65535) return undefined;
  return { address, port, text: port === 53 ? address : version === 6 ? `[${address}]:${port}` : `${address}:${port}` };
}
