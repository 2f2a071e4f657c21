import type { Answer, Request } from "./answer.ts";
import { gatewayError } from "./arm-errors.ts";
import type { Tokens } from "./tokens.ts";

/** ARM's answer to a request without a good token; undefined when the token is good. `authority` names the tenant. */
export function challenge(
  request: Request,
  tokens: Tokens,
  audiences: readonly string[],
  authority: string,
): Answer | undefined {
  const token = /^Bearer (?<token>\S+)$/i.exec(request.headers["authorization"]?.toString() ?? "")?.groups?.["token"];
  const refuse = (code: string, message: string, description: string): Answer =>
    gatewayError(401, code, message, {
      "www-authenticate": `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${description}"`,
    });
  if (token === undefined) {
    return refuse(
      "AuthenticationFailed",
      "Authentication failed. The 'Authorization' header is missing.",
      "The authentication failed because of missing 'Authorization' header.",
    );
  }
  const fault = tokens.check(token, audiences);
  if (fault === undefined) return undefined;
  if (fault === "invalid")
    return refuse("InvalidAuthenticationToken", "The access token is invalid.", "The access token is invalid.");
  if (fault === "expired")
    return refuse(
      "ExpiredAuthenticationToken",
      "The access token expiry UTC time is earlier than current UTC time.",
      "The access token has expired.",
    );
  if ("tenant" in fault)
    return refuse(
      "InvalidAuthenticationTokenTenant",
      `The access token is from the wrong issuer. It must match the tenant '${authority}' of this subscription; its own is '${fault.tenant}'.`,
      "The access token is from the wrong issuer.",
    );
  return refuse(
    "InvalidAuthenticationTokenAudience",
    `The access token has been obtained for wrong audience or resource '${fault.audience}'. It should exactly match with one of the allowed audiences '${audiences.join("','")}'.`,
    "The access token has been obtained from wrong audience or resource.",
  );
}
