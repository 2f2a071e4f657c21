import { setTimeout as delay } from "node:timers/promises";
import type { Answer, Request } from "./answer.ts";
import { gatewayError } from "./arm-errors.ts";
import type { World } from "./world.ts";

/** Codes that ARM's gateway gives with these statuses. */
const codes: Readonly<Record<number, string>> = {
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGatewayConnection",
  503: "ServerTimeout",
  504: "GatewayTimeout",
};

/** Faults injected between the client and ARM. */
export interface Faults {
  /** Waits as the fault says; an answer takes the place of ARM's own. Ends early, without one, when `signal` aborts. */
  meet(request: Request, signal: AbortSignal): Promise<Answer | undefined>;
}

/** Reads `arm.faults`; each counts its own `times`. */
export function readFaults(faults: World["arm"]["faults"]): Faults {
  const left = faults.map((fault) => ({
    fault,
    match: fault.match.toLowerCase(),
    times: fault.times ?? Number.POSITIVE_INFINITY,
  }));
  return {
    async meet(request, signal) {
      const line = `${request.method} /${request.segments.join("/")}${request.search}`.toLowerCase();
      const met = left.find((each) => each.times > 0 && line.includes(each.match));
      if (met === undefined) return undefined;
      met.times -= 1;
      const { status, headers, body, delayMs } = met.fault;
      if (delayMs !== undefined) await delay(delayMs, undefined, { signal }).catch(() => undefined);
      if (status === undefined) return undefined;
      return body === undefined
        ? gatewayError(
            status,
            codes[status] ?? "InjectedFault",
            `The request met status ${status} on its way.`,
            headers ?? {},
          )
        : { status, headers: headers ?? {}, body };
    },
  };
}
