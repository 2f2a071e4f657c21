import { validateHeaderName, validateHeaderValue, type IncomingMessage, type RequestListener } from "node:http";
import type { World } from "./world.ts";

/** What an endpoint of a world answers to HTTP requests; the first match answers. */
export type HttpRules = NonNullable<World["network"]["endpoints"][number]["http"]>;

/** An HTTP request as an endpoint met it. */
export interface SeenRequest {
  readonly method: string;
  /** The Host header as it was sent; empty without one. */
  readonly host: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The server frames every message itself: a length or encoding from the world would only break the connection. */
const framing = new Set(["content-length", "transfer-encoding", "connection", "keep-alive"]);

/** Throws an Error when a rule has a header that HTTP cannot carry. */
export function checkHttpRules(rules: HttpRules): void {
  for (const rule of rules) {
    for (const [name, value] of Object.entries(rule.headers ?? {})) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  }
}

/** Answers by the rules, 404 without a body when none matches. Each request is told to `seen` first. */
export function answerByRules(
  rules: HttpRules,
  seen: (request: SeenRequest, message: IncomingMessage) => void,
): RequestListener {
  return (message, response) => {
    // Nobody reads what was sent, but it has to leave the connection before the next request can come.
    message.resume();
    const request = requestOf(message);
    seen(request, message);
    const rule = rules.find((each) => matches(each, request));
    const body = Buffer.from(rule?.body ?? "");
    for (const [name, value] of Object.entries(rule?.headers ?? {})) {
      if (!framing.has(name.toLowerCase())) response.setHeader(name, value);
    }
    response.writeHead(rule?.status ?? 404, { "content-length": body.length });
    response.end(body);
  };
}

function requestOf(message: IncomingMessage): SeenRequest {
  const headers = Object.entries(message.headers).map(
    ([name, value]) => [name, [value ?? ""].flat().join(", ")] as const,
  );
  return {
    method: message.method ?? "",
    host: message.headers.host ?? "",
    path: message.url ?? "",
    headers: Object.fromEntries(headers),
  };
}

function matches(rule: HttpRules[number], request: SeenRequest): boolean {
  if (rule.host !== undefined && hostKey(rule.host) !== hostKey(request.host)) return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== request.method) return false;
  // A world may spell the query out or leave it away.
  return rule.path === undefined || rule.path === request.path || rule.path === request.path.split("?", 1)[0];
}

/** A host name without port and last dot, in lower case. */
function hostKey(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
}
