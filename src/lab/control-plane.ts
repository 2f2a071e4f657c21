import { createServer } from "node:https";
import { clouds } from "../model/cloud.ts";
import { createArmService, type ArmOptions, type ArmRequest } from "./arm-server.ts";
import type { Authority } from "./certificates.ts";
import type { HeldWorld } from "./held-world.ts";
import { serve } from "./loopback-server.ts";
import { createTokenService } from "./token-server.ts";
import { createTokens, type Tokens } from "./tokens.ts";

/** ARM and Entra ID on one HTTPS server. */
export interface ControlPlane {
  /** `https://localhost:PORT`: of ARM and of Entra ID. */
  readonly endpoint: string;
  readonly tokens: Tokens;
  requests(): readonly ArmRequest[];
  writes(): number;
  close(): Promise<void>;
}

/** How the control plane behaves where the services leave a choice. */
export interface ControlPlaneOptions extends ArmOptions {
  readonly tokenLifetimeSeconds: number;
  readonly refuseSecret: boolean | string;
  /** The tenant that tokens are of; the identity's own when absent. */
  readonly tokenTenant?: string;
  /** How far the services' clock is ahead of this machine's: their answers' dates show it. */
  readonly clockAheadMs?: number;
}

/** Starts it. Its certificate comes from `authority` and names this machine, and the cloud's own hosts for clients that are
 * led here by a proxy. */
export async function startControlPlane(
  held: HeldWorld,
  authority: Authority,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  let endpoint = "";
  const { resourceManager: manager, authority: entra } = clouds[held.now.cloud];
  const { tokenLifetimeSeconds, tokenTenant, clockAheadMs = 0 } = options;
  const tokens = createTokens(held.now.identity, () => endpoint, tokenLifetimeSeconds, tokenTenant);
  const signIn = createTokenService(held.now.identity, tokens, () => endpoint, options);
  const arm = createArmService(
    held,
    tokens,
    // Some clients ask for the cloud's own audience whatever endpoint they were given.
    {
      endpoint: () => endpoint,
      authority: () => endpoint,
      audiences: () => [endpoint, manager, manager.replace("://management.", "://management.core.")],
    },
    options,
  );
  const certificate = await authority.issue({
    names: ["localhost", "127.0.0.1", new URL(manager).hostname, new URL(entra).hostname],
    key: "rsa",
  });
  const server = await serve(
    createServer({ cert: certificate.certificatePem, key: certificate.keyPem }),
    async (request, signal) => {
      const answer = signIn.answer(request) ?? (await arm.answer(request, signal));
      if (clockAheadMs === 0) return answer;
      return { ...answer, headers: { ...answer.headers, date: new Date(Date.now() + clockAheadMs).toUTCString() } };
    },
  );
  endpoint = `https://localhost:${server.port}`;
  return { endpoint, tokens, requests: arm.requests, writes: arm.writes, close: server.close };
}
