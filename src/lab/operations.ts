import { randomBytes } from "node:crypto";
import type { Answer, Request } from "./answer.ts";
import { gatewayError } from "./arm-errors.ts";

/** Long-running operations: 202 with a signed Location, 202 again while pending, then the answer. */
export interface Operations {
  /** `path` and `search` are where to ask again; `accepted` is the body of every 202. */
  begin(operation: { path: string; search: string; result: Answer; accepted: unknown }): Answer;
  /** The answer to a poll; undefined when the path is no operation's. */
  poll(request: Request): Answer | undefined;
}

/** Keeps operations for as long as the lab lives. Without `retryAfterSeconds` the header is absent, as for diagnose. */
export function keepOperations(
  endpoint: () => string,
  options: { retryAfterSeconds?: number; pendingPolls: number },
): Operations {
  const operations = new Map<string, { result: Answer; accepted: unknown; pending: number; search: string }>();
  const accepted = (path: string, search: string, body: unknown): Answer => ({
    status: 202,
    headers: {
      location: `${endpoint()}${path}${search}`,
      ...(options.retryAfterSeconds === undefined ? {} : { "retry-after": String(options.retryAfterSeconds) }),
    },
    body,
  });
  return {
    begin({ path, search, result, accepted: body }) {
      // The link is signed: a client that rebuilds it instead of sending it back as it is gets refused.
      const signed = `${search}&t=${Date.now()}&c=${sign(1024)}&s=${sign(256)}&h=${sign(32)}`;
      operations.set(path.toLowerCase(), { result, accepted: body, pending: options.pendingPolls, search: signed });
      return accepted(path, signed, body);
    },
    poll(request) {
      const operation = operations.get(request.path.toLowerCase());
      if (operation === undefined) return undefined;
      if (operation.search !== request.search)
        return gatewayError(403, "InvalidOperationSignature", "The signature of the operation link does not match.");
      if (operation.pending === 0) return operation.result;
      operation.pending -= 1;
      return accepted(request.path, request.search, operation.accepted);
    },
  };
}

function sign(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}
