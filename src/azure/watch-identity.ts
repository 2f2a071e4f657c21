import type { TokenCredential } from "@azure/identity";
import { claimsOf, type IdentityPort, type TokenClaims } from "../model/token-claims.ts";

/** The same credential, and who it signs in: read out of the tokens that pass through it, so that nothing is asked more. */
export function watchIdentity(credential: TokenCredential): { credential: TokenCredential; identity: IdentityPort } {
  let last: TokenClaims | undefined;
  return {
    credential: {
      async getToken(scopes, options) {
        const token = await credential.getToken(scopes, options);
        last = (token === null ? undefined : claimsOf(token.token)) ?? last;
        return token;
      },
    },
    identity: { signedIn: () => last },
  };
}
