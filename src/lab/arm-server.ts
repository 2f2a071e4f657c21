import { randomUUID } from "node:crypto";
import { readAccess } from "./access.ts";
import { parameter, type Answer, type Request } from "./answer.ts";
import { postArm } from "./arm-actions.ts";
import { gatewayError } from "./arm-errors.ts";
import { readArmPath } from "./arm-path.ts";
import { readArm } from "./arm-reader.ts";
import { challenge } from "./arm-sign-in.ts";
import { writeArm } from "./arm-writer.ts";
import { readFaults } from "./faults.ts";
import type { HeldWorld } from "./held-world.ts";
import { keepOperations } from "./operations.ts";
import type { Tokens } from "./tokens.ts";

/** One request that ARM got. */
export interface ArmRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Whether it came with a good token. */
  readonly authorized: boolean;
}

/** How ARM behaves where the service leaves a choice. */
export interface ArmOptions {
  /** Items per page of a list. */
  readonly pageSize: number;
  /** Of long-running operations; absent: no header, as the service does for diagnose. */
  readonly retryAfterSeconds?: number;
  /** How often a poll of a long-running operation says 202 before it answers. */
  readonly pendingPolls: number;
  /** Whether PUT, PATCH and DELETE are carried out in memory. A diagnosis never writes: this is for those who mend. */
  readonly writable: boolean;
}

/** Azure Resource Manager for one world: reads, and writes where they are allowed. */
export interface ArmService {
  answer(request: Request, signal: AbortSignal): Promise<Answer>;
  requests(): readonly ArmRequest[];
  /** Requests that changed something or, where writing is not allowed, would have: those were refused. */
  writes(): number;
}

/** `endpoint` and `audiences` are asked for late: the port is not known before the server listens. */
export function createArmService(
  held: HeldWorld,
  tokens: Tokens,
  address: { endpoint(): string; audiences(): readonly string[]; authority(): string },
  options: ArmOptions,
): ArmService {
  const { estate } = held;
  const { arm, identity } = held.now;
  const access = readAccess(arm.denied);
  const faults = readFaults(arm.faults);
  const operations = keepOperations(address.endpoint, options);
  const log: ArmRequest[] = [];
  let writes = 0;
  let reads = 0;

  const authorized = (request: Request): Answer => {
    const version = parameter(request.query, "api-version");
    if (version === undefined || version === "")
      return gatewayError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
      );
    if (!/^\d{4}-\d\d-\d\d(?:-[a-z]+)?$/i.test(version))
      return gatewayError(400, "InvalidApiVersionParameter", `The api-version '${version}' is invalid.`);
    if (request.method === "GET" || request.method === "HEAD") {
      const path = readArmPath(request.segments);
      const read =
        path === undefined
          ? undefined
          : () =>
              readArm(request, path, {
                world: held.now,
                estate,
                access,
                paging: { size: options.pageSize, endpoint: address.endpoint() },
              });
      return (
        operations.poll(request) ??
        read?.() ??
        gatewayError(404, "InvalidResourceNamespace", `No resource or list is at '${request.path}'.`)
      );
    }
    const posted =
      request.method === "POST" ? postArm(request, { world: held.now, estate, access, operations }) : undefined;
    if (posted !== undefined) return posted;
    writes += 1;
    const written = options.writable ? writeArm(request, { world: held.now, estate, access }) : undefined;
    if (written?.world !== undefined) held.replace(written.world);
    if (written !== undefined) return written.answer;
    return gatewayError(405, "HttpMethodNotAllowed", `This estate is read-only: ${request.method} is not allowed.`, {
      allow: "GET",
    });
  };

  return {
    async answer(request, signal) {
      const refusal = challenge(request, tokens, address.audiences(), `${address.authority()}/${identity.tenantId}`);
      const answer = (await faults.meet(request, signal)) ?? refusal ?? authorized(request);
      reads += 1;
      log.push({
        method: request.method,
        path: request.path,
        status: answer.status,
        authorized: refusal === undefined,
      });
      return { ...answer, headers: { ...envelope(request, reads), ...answer.headers } };
    },
    requests: () => log,
    writes: () => writes,
  };
}

/** Headers that are on every answer of ARM. */
function envelope(request: Request, reads: number): Record<string, string> {
  const id = randomUUID();
  const clientId = request.headers["x-ms-client-request-id"];
  return {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "x-ms-request-id": id,
    "x-ms-correlation-request-id": id,
    "x-ms-routing-request-id": `LAB:${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}:${id}`,
    "x-ms-ratelimit-remaining-subscription-reads": String(Math.max(0, 11_999 - reads)),
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    ...(typeof clientId === "string" ? { "x-ms-client-request-id": clientId } : {}),
  };
}
