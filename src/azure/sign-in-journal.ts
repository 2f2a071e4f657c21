import type { PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import type { SignIn, SignInPort, TokenRefusal } from "../model/sign-in.ts";
import { claimsOf } from "../model/token-claims.ts";
import type { Answer } from "./answer.ts";
import { readErrorBody } from "./arm-error-body.ts";
import { plainCode, plainLine } from "./plain-line.ts";
import type { SignInError } from "./sign-in-error.ts";

/** Where the credential and the pipeline note what happened to them; the tool's own path is judged by it. */
export interface SignInJournal extends SignInPort {
  /** An answer to a request for a token, or to one that prepares it. */
  answered(request: PipelineRequest, response: PipelineResponse): void;
  failed(error: SignInError): void;
  /** A token was given. Only its claims are kept. */
  signedIn(token: string): void;
  /** An answer of Azure Resource Manager. */
  managed(host: string, answer: Answer): void;
}

/** More would say nothing new. */
const mostRefusals = 8;

/** A journal of one run. `now` gives milliseconds since 1970. */
export function createSignInJournal(
  start: Pick<SignIn, "way" | "resourceManager" | "authority"> & {
    readonly clientId?: string | undefined;
    readonly tenantId?: string | undefined;
  },
  now: () => number = Date.now,
): SignInJournal {
  const { clientId, tenantId, ...rest } = start;
  let state: SignIn = {
    ...rest,
    ...(clientId === undefined ? {} : { clientId }),
    ...(tenantId === undefined ? {} : { tenantId }),
    refusals: [],
    heard: [],
  };
  const hear: SignInPort["hear"] = (host, { date, age }) => {
    if (!state.heard.includes(host)) state = { ...state, heard: [...state.heard, host] };
    const service = date === undefined ? Number.NaN : Date.parse(date);
    // A date that a cache kept says when it was kept.
    if (Number.isNaN(service) || age !== undefined) return;
    state = {
      ...state,
      clock: { host, service: new Date(service).toISOString(), aheadMs: Math.round(now() - service) },
    };
  };
  return {
    now: () => state,
    hear,
    answered(request, response) {
      const url = new URL(request.url);
      hear(url.host, response.headers.toJSON());
      // The library asks the metadata service without its header first, to see whether it is there: it has to refuse.
      const asks = url.pathname.startsWith("/metadata/") ? request.headers.has("metadata") : true;
      if (response.status < 400 || !asks || state.refusals.length >= mostRefusals) return;
      state = { ...state, refusals: [...state.refusals, refusalOf(url.host, response)] };
    },
    failed({ kind, message, code }) {
      state = { ...state, failure: { kind, message, ...(code === undefined ? {} : { code }) } };
    },
    signedIn(token) {
      const claims = claimsOf(token);
      const { failure: _, ...others } = state;
      state = { ...others, ...(claims === undefined ? {} : { claims }) };
    },
    managed(host, answer) {
      hear(host, answer.headers);
      if (answer.status !== 401) return;
      const { code, message } = readErrorBody(answer.body) ?? {};
      const tenant = /authorization_uri="?https:\/\/[^/"\s]+\/([0-9a-f-]{36})/i.exec(
        answer.headers["www-authenticate"] ?? "",
      )?.[1];
      state = {
        ...state,
        challenge: {
          ...(code === undefined ? {} : { code: plainCode(code, "unnamed") }),
          ...(message === undefined ? {} : { message: plainLine(message) }),
          ...(tenant === undefined ? {} : { tenantId: tenant.toLowerCase() }),
        },
      };
    },
  };
}

function refusalOf(host: string, response: PipelineResponse): TokenRefusal {
  const body = response.bodyAsText ?? "";
  const said = readErrorBody(body);
  const description = said?.message === undefined ? undefined : plainLine(said.message.replace(/\s*Trace ID:.*$/s, ""));
  const via = response.headers.get("via") ?? response.headers.get("proxy-agent");
  const proxied =
    via !== undefined
      ? `Via: ${plainLine(via, 100)}`
      : /x-forwarded-for/i.test(said?.message ?? "")
        ? "the request arrived with X-Forwarded-For"
        : /^\s*<(?:!doctype|html)/i.test(body)
          ? "an HTML page"
          : undefined;
  return {
    host,
    status: response.status,
    ...(said?.code === undefined ? {} : { error: plainCode(said.code, "unnamed") }),
    ...(description === undefined ? {} : { description }),
    ...(proxied === undefined ? {} : { proxied }),
  };
}
