import type { TokenCredential } from "@azure/identity";
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  decompressResponsePolicy,
  retryPolicy,
  setClientRequestIdPolicy,
  userAgentPolicy,
  type HttpClient,
  type Pipeline,
  type PipelinePolicy,
} from "@azure/core-rest-pipeline";
import pLimit from "p-limit";
import { postReads } from "../model/ports.ts";
import type { Answer } from "./answer.ts";
import { boundedRetry, mostRetries } from "./retry.ts";
import { SignInError } from "./sign-in-error.ts";
import type { SignInJournal } from "./sign-in-journal.ts";
import { createTransport, type TransportOptions } from "./transport.ts";
import { within } from "./within.ts";

/** Where requests are told: method, path and outcome, never a token, a body or a query. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, event: string): void;
}

/** What the pipeline is made of. */
export interface PipelineOptions extends TransportOptions {
  /** Azure Resource Manager, without a trailing slash. */
  readonly endpoint: string;
  readonly credential: TokenCredential;
  /** Aborted when the run's deadline has passed. */
  readonly signal: AbortSignal;
  /** What one request may take in all: tries and the waits between them. */
  readonly requestTimeoutMs: number;
  readonly stats: { armRequests: number; retries: number };
  readonly log?: Log | undefined;
  readonly journal?: SignInJournal | undefined;
}

/** How an exchange ended: with an answer, which the callers judge by its raw text, or without. */
export type Exchange = { readonly answer: Answer } | { readonly thrown: unknown; readonly afterMs: number };

/** The one way to Azure Resource Manager: token, retries, limits and the guard, shared by all clients. */
export interface ArmPipeline {
  readonly endpoint: string;
  readonly credential: TokenCredential;
  readonly pipeline: Pipeline;
  readonly httpClient: HttpClient;
  /** Runs one request that is made with `signal`, and tells what came back on the wire, whatever the client that made
   * the request thought of it. Undefined when the client sent nothing: it cannot express this request. */
  exchange(send: (signal: AbortSignal) => Promise<unknown>): Promise<Exchange | undefined>;
}

interface Call {
  readonly endsAt: number;
  answer?: Answer;
  /** Whether the client got as far as making a request. */
  made: boolean;
}

/** At once, over all of ARM: enough to be quick, too few to be throttled. */
const mostAtOnce = 8;

/** Builds the pipeline. It has no redirect policy: ARM does not redirect, and a token must not follow whoever does. */
export function createArmPipeline(options: PipelineOptions): ArmPipeline {
  const { endpoint, credential, stats, log } = options;
  const origin = new URL(endpoint).origin;
  const limit = pLimit(mostAtOnce);
  // Clients make their own requests; the signal that a call gives them is what its requests are known by.
  const calls = new WeakMap<object, Call>();
  const callOf = (request: object | undefined): Call | undefined => {
    const signal = request !== undefined && "abortSignal" in request ? request.abortSignal : undefined;
    return typeof signal === "object" && signal !== null ? calls.get(signal) : undefined;
  };

  const guard: PipelinePolicy = {
    name: "readsOnly",
    sendRequest: (request, next) => {
      const url = new URL(request.url);
      const action = url.pathname.split("/").at(-1)?.toLowerCase();
      const reads =
        request.method === "GET" ||
        (request.method === "POST" && postReads.some((each) => each.toLowerCase() === action));
      if (!reads || url.origin !== origin) throw new Error("only reads of Azure Resource Manager leave this tool");
      const call = callOf(request);
      if (call !== undefined) call.made = true;
      request.headers.set("Accept", "application/json");
      return next(request);
    },
  };
  const witness: PipelinePolicy = {
    name: "witness",
    sendRequest: async (request, next) => {
      const call = callOf(request);
      stats.armRequests += 1;
      const startedAt = performance.now();
      const fields = { method: request.method, path: new URL(request.url).pathname };
      try {
        const response = await next(request);
        const answer = {
          status: response.status,
          headers: response.headers.toJSON(),
          body: response.bodyAsText ?? "",
        };
        if (call !== undefined) call.answer = answer;
        options.journal?.managed(new URL(endpoint).host, answer);
        log?.debug(
          { ...fields, status: response.status, durationMs: Math.round(performance.now() - startedAt) },
          "arm-request",
        );
        return response;
      } catch (error) {
        const code =
          error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "failed";
        log?.debug({ ...fields, code, durationMs: Math.round(performance.now() - startedAt) }, "arm-request");
        throw error;
      }
    },
  };

  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(guard);
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: "aml-doctor" }));
  pipeline.addPolicy(setClientRequestIdPolicy());
  const strategy = boundedRetry({
    leftMs: (request) => (callOf(request)?.endsAt ?? 0) - performance.now(),
    answerOf: (request) => callOf(request)?.answer,
    onRetry: () => {
      stats.retries += 1;
    },
  });
  pipeline.addPolicy(retryPolicy([strategy], { maxRetries: mostRetries }), { phase: "Retry" });
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: `${endpoint}/.default` }), {
    phase: "Sign",
  });
  pipeline.addPolicy(witness, { afterPhase: "Sign" });

  return {
    endpoint,
    credential,
    pipeline,
    httpClient: createTransport({ ca: options.ca, proxyFor: options.proxyFor }),
    exchange: async (send) => {
      const askedAt = performance.now();
      const ended = (thrown: unknown): Exchange => ({ thrown, afterMs: Math.round(performance.now() - askedAt) });
      try {
        return await within(
          limit(async () => {
            const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.requestTimeoutMs)]);
            const call: Call = { endsAt: performance.now() + options.requestTimeoutMs, made: false };
            calls.set(signal, call);
            try {
              await within(send(signal), signal);
            } catch (thrown) {
              if (thrown instanceof SignInError) return ended(thrown);
              // A client that stumbles over a body, or a time that ends while waiting to try again, takes nothing away
              // from the answer that came.
              if (call.answer === undefined && signal.aborted) return ended(outOfTime());
              if (call.answer === undefined && call.made) return ended(thrown);
            }
            return call.answer === undefined ? undefined : { answer: call.answer };
          }),
          options.signal,
        );
      } catch {
        return ended(outOfTime());
      }
    },
  };
}

function outOfTime(): DOMException {
  return new DOMException("out of time", "TimeoutError");
}
