import * as z from "zod";
import { serverAddress } from "../model/address.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import type { DnsAnswer, SystemAnswer } from "../model/ports.ts";
import { names } from "./names.ts";
import { resolversFor, resolverServers, vantage } from "./vantage.ts";

export const answerSchema: z.ZodType<DnsAnswer> = z.object({
  server: z.string(),
  name: z.string(),
  type: z.enum(["A", "AAAA", "CNAME", "SOA", "TXT"]),
  outcome: z.enum(["answered", "timeout", "refused", "unreachable", "malformed"]),
  rcode: z.string().optional(),
  chain: z.array(z.string()),
  addresses: z.array(z.string()),
  ttlSeconds: z.number().optional(),
  soa: z.object({ zone: z.string(), primary: z.string(), minimumSeconds: z.number() }).optional(),
  authoritative: z.boolean().optional(),
  transport: z.enum(["udp", "tcp"]),
  durationMs: z.number(),
  detail: z.string().optional(),
}) as unknown as z.ZodType<DnsAnswer>;

export const systemSchema: z.ZodType<SystemAnswer> = z.object({
  name: z.string(),
  addresses: z.array(z.string()),
  error: z.string().optional(),
}) as unknown as z.ZodType<SystemAnswer>;

const nameAnswers = z.object({
  fqdn: z.string(),
  /** What applications on this machine get. */
  system: systemSchema,
  /** One answer per resolver of this machine's configuration, in its order. */
  resolvers: z.array(answerSchema),
  /** Azure's own DNS, asked from here: it answers for this machine's network. */
  azure: answerSchema,
  /** The alias asked at the first resolver, when the public name is not private there: tells half-forwarding apart. */
  alias: answerSchema.optional(),
  /** The zone of the alias asked for its SOA there, when the alias is not private either: a server may hold the alias in
   * its cache, as a link of the public chain, while it forwards the zone. */
  aliasZone: answerSchema.optional(),
});
export type NameAnswers = z.infer<typeof nameAnswers>;

/**
 * What each resolver says of each name, and what the system makes of it. All questions are asked at once; a server that
 * does not answer is a value.
 */
export const dnsAnswers = defineFact({
  key: "dns/answers",
  needs: { names, vantage },
  reads: [],
  schema: z.object({ azureDns: z.string(), servers: z.array(z.string()), names: z.array(nameAnswers) }),
  async collect({ names: all, vantage: here }, { dns, azureDns }) {
    const servers = [...resolverServers(here)];
    const ask = (name: string, server: string) => dns.query({ name, type: "A", server });
    const asked = await Promise.all(
      all.map(async ({ fqdn, alias, zone, expected }): Promise<NameAnswers> => {
        const [systemAnswer, azure, ...resolvers] = await Promise.all([
          dns.lookup(fqdn),
          ask(fqdn, azureDns),
          ...resolversFor(here, fqdn).map((server) => ask(fqdn, server)),
        ]);
        const first = resolvers.find(({ outcome }) => outcome === "answered") ?? resolvers[0];
        const wanted = expected.map(({ address }) => address);
        const half =
          first !== undefined &&
          serverAddress(first.server) !== serverAddress(azureDns) &&
          wanted.length > 0 &&
          !first.addresses.some((address) => wanted.includes(address));
        const aliasAnswer = half ? await ask(alias, first.server) : undefined;
        const isCached =
          aliasAnswer?.outcome === "answered" && !aliasAnswer.addresses.some((address) => wanted.includes(address));
        return {
          fqdn,
          system: systemAnswer,
          resolvers,
          azure,
          ...(aliasAnswer === undefined ? {} : { alias: aliasAnswer }),
          ...(isCached ? { aliasZone: await dns.query({ name: zone, type: "SOA", server: aliasAnswer.server }) } : {}),
        };
      }),
    );
    return seen({ azureDns, servers, names: asked });
  },
});
