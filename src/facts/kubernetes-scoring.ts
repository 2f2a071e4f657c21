import * as z from "zod";
import { isPrivateAddress, isPublicAddress } from "../model/address.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { gapsOf, seen, valueOf, type Observation } from "../model/observation.ts";
import type { Reach } from "../model/ports.ts";
import { observationOf } from "./arm-read.ts";
import { answerSchema, systemSchema } from "./dns-answers.ts";
import { isLegacy, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { extensionNamespace, legacyNamespace } from "./kubernetes-read.ts";
import { ingressAddresses, kubernetesServices, routerService } from "./kubernetes-services.ts";
import { proxySchema, reachSchema } from "./reaches.ts";
import { resolversFor, vantage } from "./vantage.ts";

const scoringPath = z.object({
  endpointId: z.string(),
  endpointName: z.string(),
  clusterId: z.string(),
  uri: z.string(),
  host: z.string(),
  scheme: z.enum(["http", "https"]),
  port: z.number(),
  /** Whether the URI names an address and no name: then there is nothing to resolve. */
  isAddress: z.boolean(),
  /** The addresses of the router's load balancer, from the cluster; absent when the router has no service. */
  router: observationOf(z.array(z.string())),
  system: systemSchema.optional(),
  resolvers: z.array(answerSchema),
  azure: answerSchema.optional(),
  /** Every address in question, on the URI's port: those that the name resolves to and those of the router. */
  reaches: z.array(reachSchema),
  /** The other scheme's port at the same address, where the URI's own does not answer. */
  other: reachSchema.optional(),
  proxy: proxySchema.optional(),
});
/** The way of a scoring call to a Kubernetes endpoint, measured stage by stage. */
export type ScoringPath = z.infer<typeof scoringPath>;

/**
 * Scoring calls to Kubernetes endpoints. Their name is the customer's own: it has to lead to the load balancer of the
 * router, which only the cluster knows. The load balancer's own address is dialled even where DNS gives another one.
 */
export const kubernetesScoring = defineFact({
  key: "net/kubernetes-scoring",
  needs: { attachments: kubernetesAttachments, services: raw(kubernetesServices), vantage },
  reads: [],
  schema: z.array(scoringPath),
  async collect({ attachments, services, vantage: here }, { dns, net, azureDns }) {
    const wanted = attachments.flatMap(({ clusterId, endpoints }) =>
      endpoints.flatMap((endpoint) =>
        endpoint.scoringUri === undefined || endpoint.host === undefined
          ? []
          : [{ clusterId, endpoint, uri: new URL(endpoint.scoringUri) }],
      ),
    );
    const routerOf = (clusterId: string): Observation<string[]> => {
      if (services.is !== "value") return services;
      const legacy = isLegacy(attachments, clusterId);
      const namespace = legacy ? legacyNamespace : extensionNamespace;
      const own = services.value.filter((list) => sameId(list.clusterId, clusterId) && list.namespace === namespace);
      const gap = gapsOf(own.map(({ is }) => is))[0];
      if (gap !== undefined) return gap;
      const service = routerService(services.value, clusterId, legacy);
      return service === undefined ? { is: "absent" } : seen(ingressAddresses(service));
    };
    return seen(
      await Promise.all(
        wanted.map(async ({ clusterId, endpoint, uri }): Promise<ScoringPath> => {
          const host = uri.hostname.toLowerCase();
          const scheme = uri.protocol === "http:" ? "http" : "https";
          const port = uri.port === "" ? (scheme === "http" ? 80 : 443) : Number(uri.port);
          const isAddress = isPrivateAddress(host) || isPublicAddress(host);
          const router = routerOf(clusterId);
          const ask = (server: string) => dns.query({ name: host, type: "A", server });
          const [system, azure, ...resolvers] = isAddress
            ? [undefined, undefined]
            : await Promise.all([dns.lookup(host), ask(azureDns), ...resolversFor(here, host).map(ask)]);
          const resolved = isAddress
            ? [host]
            : [...(system?.addresses ?? []), ...resolvers.flatMap(({ addresses }) => addresses)];
          const addresses = [...new Set([...resolved, ...(valueOf(router) ?? [])])];
          const http = { method: "GET" as const, path: uri.pathname };
          const dial = (address: string, to: "http" | "https", at: number) =>
            net.reach({ address, port: at, host, ...(to === "http" ? { plain: true } : {}), http });
          const reaches = await Promise.all(addresses.map((address) => dial(address, scheme, port)));
          const silent = reaches.find(({ tcp }) => tcp.outcome !== "open");
          const answered = reaches.some(({ tcp }) => tcp.outcome === "open");
          const other =
            silent === undefined || answered
              ? undefined
              : await dial(silent.address, scheme === "http" ? "https" : "http", scheme === "http" ? 443 : 80);
          const proxy = net.proxyFor(host);
          const through =
            proxy === undefined || scheme === "http"
              ? undefined
              : await net.reachThroughProxy({ proxy, host, port, http });
          return {
            endpointId: endpoint.id,
            endpointName: endpoint.name,
            clusterId,
            uri: uri.href,
            host,
            scheme,
            port,
            isAddress,
            router,
            resolvers: [...resolvers],
            reaches: [...reaches],
            ...(system === undefined ? {} : { system }),
            ...(azure === undefined ? {} : { azure }),
            ...(other === undefined ? {} : { other }),
            ...(through === undefined ? {} : { proxy: through }),
          };
        }),
      ),
    );
  },
});

/** The addresses that a scoring call from here goes to. */
export function calledAddresses({ isAddress, host, system }: ScoringPath): readonly string[] {
  return isAddress ? [host] : (system?.addresses ?? []);
}

/** What findings about a scoring call are about. */
export function scoringTopics({ host, endpointId, port, reaches }: ScoringPath): string[] {
  return [host, endpointId, ...reaches.map(({ address }) => `${address}:${port}`)];
}

/** Whether an address takes scoring calls: TCP, a sound certificate where there is one, and some answer by HTTP. */
export function takesCalls(reach: Reach | undefined, scheme: ScoringPath["scheme"]): boolean {
  if (reach?.tcp.outcome !== "open" || reach.http?.outcome !== "answered") return false;
  return scheme === "http" || (reach.tls?.outcome === "established" && reach.tls.faults.length === 0);
}

/** Whether scoring calls from here arrive: then the cluster's inner state decides nothing more about them. */
export function scoringArrives(paths: readonly ScoringPath[], clusterId: string): boolean {
  const own = paths.filter((path) => sameId(path.clusterId, clusterId));
  return (
    own.length > 0 &&
    own.every((path) =>
      calledAddresses(path).some((address) =>
        takesCalls(
          path.reaches.find((reach) => reach.address === address),
          path.scheme,
        ),
      ),
    )
  );
}
