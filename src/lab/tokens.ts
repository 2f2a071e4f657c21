import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { World } from "./world.ts";

/** What is wrong with a token, as ARM tells it. */
export type TokenFault = "invalid" | "expired" | { readonly audience: string } | { readonly tenant: string };

/** Access tokens of one lab, shaped like Entra ID's. */
export interface Tokens {
  /** Seconds that a token lives. */
  readonly lifetimeSeconds: number;
  issue(audience: string): string;
  /** Undefined when the token is good for one of the audiences. */
  check(token: string, audiences: readonly string[]): TokenFault | undefined;
}

/** Tokens for a world's identity. They are signed with a key of the lab, so that no other lab's are taken. `tenantId` is
 * another tenant than the identity's, for tokens that the estate does not trust. */
export function createTokens(
  identity: World["identity"],
  issuer: () => string,
  lifetimeSeconds: number,
  tenantId = identity.tenantId,
): Tokens {
  const key = randomBytes(32);
  const sign = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  return {
    lifetimeSeconds,
    issue(audience) {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        aud: audience,
        iss: `${issuer()}/${tenantId}/`,
        iat: now,
        nbf: now,
        exp: now + lifetimeSeconds,
        appid: identity.clientId,
        idtyp: "app",
        oid: identity.objectId,
        sub: identity.objectId,
        tid: tenantId,
        ver: "1.0",
      };
      const text = [{ typ: "JWT", alg: "HS256" }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      return `${text}.${sign(text).toString("base64url")}`;
    },
    check(token, audiences) {
      const end = token.lastIndexOf(".");
      const signature = Buffer.from(token.slice(end + 1), "base64url");
      const expected = sign(token.slice(0, Math.max(end, 0)));
      if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return "invalid";
      // Signed by this lab, so it has the claims that `issue` wrote.
      const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
        aud: string;
        exp: number;
        tid: string;
      };
      if (claims.exp * 1000 <= Date.now()) return "expired";
      if (claims.tid !== identity.tenantId) return { tenant: claims.tid };
      return audiences.includes(claims.aud.replace(/\/+$/, "")) ? undefined : { audience: claims.aud };
    },
  };
}
