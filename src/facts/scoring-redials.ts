import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import type { Reach } from "../model/ports.ts";
import { paths, reachOf, type Path } from "./paths.ts";
import { reachSchema } from "./reaches.ts";

/** Where a connection stopped that did not come as far as TLS; undefined when it did. */
export function stoppedAt({ tcp, tls }: Reach): string | undefined {
  if (tcp.outcome !== "open") return `TCP ${tcp.outcome}`;
  return tls === undefined || tls.outcome === "established" ? undefined : `TLS ${tls.outcome}`;
}

/** What dialling the addresses met that a name resolves to here. */
export function dialledHere(path: Path): Reach[] {
  return path.system.addresses.flatMap((address) => reachOf(path, address) ?? []);
}

/**
 * A second, lone connection to each scoring address where the first one, made among many others, was not had at any address
 * of the name: a lost packet or a busy moment is no fault. Empty for names that were reached, or go through a proxy.
 */
export const scoringRedials = defineFact({
  key: "net/scoring-redials",
  needs: { paths },
  reads: [],
  schema: z.array(z.object({ fqdn: z.string(), addresses: z.array(reachSchema) })),
  async collect({ paths: all }, { net }) {
    const silent = all.filter((path) => {
      const dialled = dialledHere(path);
      return (
        path.name.service === "inference" &&
        path.proxy === undefined &&
        dialled.length > 0 &&
        dialled.every((reach) => stoppedAt(reach) !== undefined)
      );
    });
    return seen(
      await Promise.all(
        silent.map(async ({ name: { fqdn }, system }) => ({
          fqdn,
          addresses: await Promise.all(
            system.addresses.map((address) => net.reach({ address, port: 443, host: fqdn })),
          ),
        })),
      ),
    );
  },
});
