import type { World } from "../../src/lab/world.ts";
import { publicDns, tcp } from "./edit.ts";

/** The scoring request that the variations send. */
export const scoreRequest = { body: '{"data": [[1, 2]]}', authorization: "Bearer made-up-endpoint-key-0001" };
const isScoringHost = (host: string | undefined): boolean => host?.startsWith("score1.") === true;

/** What the scoring addresses answer: to whoever sends a scoring request, or to everybody. */
export function answer(
  world: World,
  to: "scoring" | "everybody",
  status: number,
  headers: Record<string, string> = {},
): void {
  for (const { http = [] } of world.network.endpoints)
    for (const rule of http)
      if (isScoringHost(rule.host) && (to === "everybody" || rule.method === "POST"))
        Object.assign(rule, { status, body: "", headers: { ...rule.headers, ...headers } });
}

/** The diagnosis is made from a laptop on the internet. */
export function fromLaptop(world: World): void {
  const addresses = ["192.168.1.23"];
  world.vantage = { name: "laptop", addresses, resolvers: [publicDns], environment: {}, hostsFile: {} };
  delete world.dns.servers["168.63.129.16"];
  tcp(world, (address) => address.startsWith("10.1.0."), "timeout");
}
