import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { isPrivateAddress } from "../model/address.ts";
import { onKubernetes, onlineEndpoints } from "./online-endpoints.ts";
import { reaches } from "./reaches.ts";
import { dnsAnswers } from "./dns-answers.ts";
import { maskSecrets } from "./secret-mask.ts";

const scored = z.object({
  endpointId: z.string(),
  endpoint: z.string(),
  kubernetes: z.boolean(),
  fqdn: z.string(),
  address: z.string(),
  isPrivate: z.boolean(),
  /** Whether names resolve to this address here, so that a client meets it. */
  resolved: z.boolean(),
  /** `anonymous`: a GET that carries nothing; `scoring`: the user's own request, with their key when they gave one. */
  asked: z.enum(["anonymous", "scoring", "scoring-authorized"]),
  /** The deployment that the request named in its header. */
  deployment: z.string().optional(),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
/** One HTTP answer at a scoring address. */
export type ScoringAnswer = z.infer<typeof scored>;

/**
 * HTTP answers of the scoring hosts: to the anonymous request that is always made, and to the user's request where one was
 * given. Keys are never fetched: without one the user's request goes out as it is, and 401 then only says that the path
 * works. A deployment is named by header only after the plain request, to tell its fault from the routing's.
 */
export const scoringAnswers = defineFact({
  key: "net/scoring-answers",
  needs: { endpoints: onlineEndpoints, answers: dnsAnswers, reached: reaches },
  reads: [],
  schema: z.array(scored),
  async collect({ endpoints, answers, reached }, { net, score, target }) {
    const all = await Promise.all(
      endpoints.map(async (each): Promise<ScoringAnswer[]> => {
        const uri = /^https:\/\/([^/:]+)(?::\d+)?(\/[^?#]*)/i.exec(each.endpoint.properties.scoringUri ?? "");
        const fqdn = uri?.[1]?.toLowerCase();
        if (fqdn === undefined) return [];
        const known = answers.names.find((name) => name.fqdn === fqdn);
        const resolved = new Set([
          ...(known?.system.addresses ?? []),
          ...(known?.resolvers.flatMap(({ addresses }) => addresses) ?? []),
        ]);
        const base = {
          endpointId: each.endpoint.id,
          endpoint: each.endpoint.name,
          kubernetes: onKubernetes(each),
          fqdn,
        };
        const there = reached.find((name) => name.fqdn === fqdn)?.addresses ?? [];
        const anonymous = there.flatMap(({ address, http }) =>
          http?.status === undefined
            ? []
            : [
                {
                  ...base,
                  address,
                  isPrivate: isPrivateAddress(address),
                  resolved: resolved.has(address),
                  asked: "anonymous" as const,
                  status: http.status,
                  headers: { ...http.headers },
                  body: maskSecrets(http.body, 200),
                },
              ],
        );
        const open = there.find(
          ({ address, tls }) => resolved.has(address) && tls?.outcome === "established" && tls.faults.length === 0,
        );
        if (
          score === undefined ||
          open === undefined ||
          (target.endpoint !== undefined && target.endpoint.toLowerCase() !== each.endpoint.name.toLowerCase())
        )
          return anonymous;
        const authorization = score.authorization;
        const headers = {
          "content-type": "application/json",
          ...(authorization === undefined ? {} : { authorization }),
        };
        const ask = async (deployment?: string): Promise<ScoringAnswer[]> => {
          const more = deployment === undefined ? headers : { ...headers, "azureml-model-deployment": deployment };
          const { http } = await net.reach({
            address: open.address,
            port: 443,
            host: fqdn,
            http: { method: "POST", path: uri?.[2] ?? "/score", headers: more, body: score.body },
          });
          if (http?.status === undefined) return [];
          return [
            {
              ...base,
              address: open.address,
              isPrivate: isPrivateAddress(open.address),
              resolved: true,
              asked: authorization === undefined ? "scoring" : "scoring-authorized",
              ...(deployment === undefined ? {} : { deployment }),
              status: http.status,
              headers: { ...http.headers },
              body: maskSecrets(http.body, 200),
            },
          ];
        };
        const plain = await ask();
        const failing = plain.some(({ status }) => status >= 400 && status !== 401);
        const deployments = failing ? (valueOf(each.deployments) ?? []).slice(0, 10) : [];
        return [...anonymous, ...plain, ...(await Promise.all(deployments.map(({ name }) => ask(name)))).flat()];
      }),
    );
    return seen(all.flat());
  },
});
