import { dnsAnswers } from "../../facts/dns-answers.ts";
import type { Store } from "../../engine/store.ts";
import { valueOf } from "../../model/observation.ts";

/** An answer of a resolver that differs from what Azure's own DNS says now, so that it may come from a cache. */
export interface CachedAnswer {
  readonly name: string;
  readonly server: string;
  /** Seconds until the resolver has to ask anew. */
  readonly ttlSeconds: number;
}

/** The answers of a run that may be cached ones; empty when nothing was asked. */
export async function cachedAnswers(store: Store): Promise<readonly CachedAnswer[]> {
  if (!(dnsAnswers.key in store.snapshot())) return [];
  return (valueOf(await store.observe(dnsAnswers))?.names ?? []).flatMap(({ fqdn, azure, resolvers }) => {
    if (azure.addresses.length === 0) return [];
    return resolvers.flatMap(({ server, outcome, addresses, ttlSeconds = 0 }) =>
      outcome === "answered" && ttlSeconds > 0 && !addresses.some((address) => azure.addresses.includes(address))
        ? [{ name: fqdn, server, ttlSeconds }]
        : [],
    );
  });
}
