import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import type { HttpAsk, ProxyReach, Reach } from "../model/ports.ts";
import { dnsAnswers } from "./dns-answers.ts";
import { names } from "./names.ts";
import type { Name } from "./name.ts";

const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  notBefore: z.string(),
  notAfter: z.string(),
  fingerprint256: z.string(),
  selfSigned: z.boolean(),
});

const tls = z.object({
  outcome: z.enum(["established", "timeout", "reset", "failed"]),
  faults: z.array(z.enum(["name-mismatch", "expired", "not-yet-valid", "self-signed", "untrusted-issuer"])),
  chain: z.array(certificate),
  protocol: z.string().optional(),
  code: z.string().optional(),
  durationMs: z.number(),
});

const http = z.object({
  outcome: z.enum(["answered", "timeout", "reset", "failed"]),
  status: z.number().optional(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  code: z.string().optional(),
  durationMs: z.number(),
});

export const reachSchema = z.object({
  address: z.string(),
  port: z.number(),
  host: z.string(),
  tcp: z.object({
    outcome: z.enum(["open", "refused", "timeout", "reset", "unreachable"]),
    code: z.string().optional(),
    durationMs: z.number(),
  }),
  tls: tls.optional(),
  http: http.optional(),
}) as unknown as z.ZodType<Reach>;

export const proxySchema = z.object({
  proxy: z.string(),
  host: z.string(),
  port: z.number(),
  outcome: z.enum(["tunnel", "refused", "timeout", "failed"]),
  status: z.number().optional(),
  reach: z.object({ tls: tls.optional(), http: http.optional() }).optional(),
  code: z.string().optional(),
}) as unknown as z.ZodType<ProxyReach>;

const nameReach = z.object({
  fqdn: z.string(),
  /** Every address in question: those that the private endpoints have, and those that names resolve to. */
  addresses: z.array(reachSchema),
  /** Through the proxy that the environment names, where it applies to this name. */
  proxy: proxySchema.optional(),
});
export type NameReach = z.infer<typeof nameReach>;

/** An anonymous request that says, by its answer, which side of the firewall we are on. */
function anonymousRequest(name: Name): HttpAsk {
  switch (name.service) {
    case "key-vault":
      return { method: "GET", path: "/healthstatus" };
    case "registry":
      return { method: "GET", path: "/v2/" };
    case "blob":
    case "file":
    case "queue":
    case "table":
    case "dfs":
      return { method: "GET", path: "/?comp=list" };
    case "inference":
      return { method: "GET", path: "/score" };
    case "workspace-api":
    case "workspace-cert":
    case "notebooks":
    case "registry-data":
      return { method: "GET", path: "/" };
  }
}

/**
 * TCP, TLS and an anonymous request to every address in question of every name. The private endpoint's own address is
 * dialled even where DNS gives another one, so that a second fault behind a DNS fault is found in the same run.
 */
export const reaches = defineFact({
  key: "net/reaches",
  needs: { names, answers: dnsAnswers },
  reads: [],
  schema: z.array(nameReach),
  async collect({ names: all, answers }, { net }) {
    return seen(
      await Promise.all(
        all.map(async (name): Promise<NameReach> => {
          const known = answers.names.find(({ fqdn }) => fqdn === name.fqdn);
          const resolved = [
            ...(known?.system.addresses ?? []),
            ...(known?.resolvers.flatMap(({ addresses }) => addresses) ?? []),
          ];
          const addresses = [...new Set([...name.expected.map(({ address }) => address), ...resolved])];
          const request = anonymousRequest(name);
          const proxy = net.proxyFor(name.fqdn);
          const [direct, through] = await Promise.all([
            Promise.all(addresses.map((address) => net.reach({ address, port: 443, host: name.fqdn, http: request }))),
            proxy === undefined
              ? undefined
              : net.reachThroughProxy({ proxy, host: name.fqdn, port: 443, http: request }),
          ]);
          return { fqdn: name.fqdn, addresses: direct, ...(through === undefined ? {} : { proxy: through }) };
        }),
      ),
    );
  },
});
