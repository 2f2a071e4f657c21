import { createPipelineRequest, type HttpMethods } from "@azure/core-rest-pipeline";
import type { GapObservation, Observation } from "../model/observation.ts";
import { absent, gapAt, seen } from "../model/observation.ts";
import type { ArmPort, Json } from "../model/ports.ts";
import { actionOf, armUrl } from "./arm-path.ts";
import { judgeAnswer, judgeThrown, type Judged } from "./classify-error.ts";
import { keyVault } from "./key-vault.ts";
import { followOperation } from "./long-running.ts";
import { machineLearning } from "./machine-learning.ts";
import { readPages } from "./paging.ts";
import { createArmPipeline, type Exchange, type PipelineOptions } from "./pipeline.ts";
import { plainLine } from "./plain-line.ts";
import { privateDns } from "./private-dns.ts";

/** What reads from Azure Resource Manager are made with. */
export interface ArmOptions extends PipelineOptions {
  /** The longest that a long-running read may take, in milliseconds; 120 s unless told otherwise. */
  readonly operationTimeoutMs?: number | undefined;
}

const usualOperationMs = 120_000;
const badPath: Judged = {
  is: "gap",
  gap: { gap: "error", code: "not-an-id", message: "this is no id of an Azure resource" },
};

/** Reads from Azure Resource Manager. Requests are made by the packages of Machine Learning, private DNS and Key Vault
 * where these know the path, and generically otherwise, all on one pipeline; answers are always judged by their raw
 * text. Nothing waits longer than `requestTimeoutMs` for one request, nor longer than `signal`. */
export function createArm(options: ArmOptions): ArmPort {
  const endpoint = options.endpoint.replace(/\/+$/, "");
  const arm = createArmPipeline({ ...options, endpoint });
  const typed = [machineLearning(arm), privateDns(arm), keyVault(arm)];

  const send = async (method: HttpMethods, url: string, body?: string): Promise<Exchange> => {
    const exchange = await arm.exchange((abortSignal) => {
      const request = createPipelineRequest({ url, method, abortSignal });
      if (body !== undefined) {
        request.body = body;
        request.headers.set("Content-Type", "application/json");
      }
      return arm.pipeline.sendRequest(arm.httpClient, request);
    });
    return exchange ?? { thrown: new Error("the request could not be made"), afterMs: 0 };
  };

  const getPath = async (
    path: string,
    apiVersion: string,
    query: Readonly<Record<string, string>> | undefined,
  ): Promise<Judged> => {
    const url = armUrl(endpoint, path, { "api-version": apiVersion, ...query });
    if (url === undefined) return badPath;
    // Queries are told to the generic way only: each package has its own idea of them.
    const call =
      query === undefined || Object.keys(query).length === 0
        ? typed.map((client) => client(path, apiVersion)).find((each) => each !== undefined)
        : undefined;
    // A package refuses names that break its rules before it sends anything; ARM is to judge them.
    const exchange = (call === undefined ? undefined : await arm.exchange(call)) ?? (await send("GET", url));
    return judge(exchange, actionOf(path));
  };

  return {
    async get(id, { apiVersion, query }) {
      return observe(`GET ${id}`, await getPath(id, apiVersion, query));
    },

    async list(path, { apiVersion, query }) {
      const listed = await readPages(endpoint, await getPath(path, apiVersion, query), async (url) =>
        judge(await send("GET", url), actionOf(path)),
      );
      return listed.is === "found" ? seen<Json[]>(listed.items) : nothing(`GET ${path}`, listed);
    },

    async read(path, { apiVersion, action, body }) {
      const at = `POST ${path}`;
      const url = path.toLowerCase().endsWith(`/${action.toLowerCase()}`)
        ? armUrl(endpoint, path, { "api-version": apiVersion })
        : undefined;
      if (url === undefined) return observe(at, badPath);
      const deadline = AbortSignal.any([
        options.signal,
        AbortSignal.timeout(options.operationTimeoutMs ?? usualOperationMs),
      ]);
      const started = await send("POST", url, body === undefined ? undefined : JSON.stringify(body));
      if ("thrown" in started) return observe(at, judge(started, undefined));
      return observe(
        at,
        await followOperation(started.answer, {
          endpoint,
          signal: deadline,
          action: actionOf(path, action),
          get: (place) => send("GET", place),
        }),
      );
    },
  };
}

function judge(exchange: Exchange, action: string | undefined): Judged {
  return "thrown" in exchange
    ? { is: "gap", gap: judgeThrown(exchange.thrown, exchange.afterMs) }
    : judgeAnswer(exchange.answer, action);
}

function observe(at: string, judged: Judged): Observation<Json> {
  return judged.is === "found" ? seen<Json>(judged.json) : nothing(at, judged);
}

function nothing(at: string, judged: Exclude<Judged, { is: "found" }>): typeof absent | GapObservation {
  return judged.is === "absent" ? absent : gapAt(plainLine(at, 1000), judged.gap);
}
