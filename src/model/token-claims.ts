import * as z from "zod";

/** What an access token says of its holder and itself. Only these members are ever taken out of a token; times are seconds
 * since 1970. */
export const tokenClaimsSchema = z.object({
  tenantId: z.string().optional(),
  /** Object id of the user or service principal. */
  objectId: z.string().optional(),
  /** Client id of the application or managed identity. */
  appId: z.string().optional(),
  /** `user` for a person; absent where the token does not say. */
  kind: z.enum(["app", "user"]).optional(),
  audience: z.string().optional(),
  issuedAt: z.number().optional(),
  notBefore: z.number().optional(),
  expiresAt: z.number().optional(),
});
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;

/** The claims of an Entra ID access token; undefined for anything else, such as a key. The signature is not checked: whoever
 * handed us the token vouches for it. https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function claimsOf(token: string): TokenClaims | undefined {
  const parts = token.split(".");
  const claims = parts.length === 3 ? decode(parts[1] ?? "") : undefined;
  if (claims === undefined) return undefined;
  const text = (name: string, form: RegExp): string | undefined => {
    const value = claims[name];
    return typeof value === "string" && form.test(value) ? value : undefined;
  };
  const time = (name: string): number | undefined => {
    const value = claims[name];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  };
  // Applications hold `roles`, people `scp`; `idtyp` is optional and only ever says app or user.
  const kind = text("idtyp", /^(?:app|user)$/) ?? (text("scp", /./) === undefined ? undefined : "user");
  const found = {
    tenantId: text("tid", plainId),
    objectId: text("oid", plainId),
    appId: text("appid", plainId) ?? text("azp", plainId),
    kind,
    audience: text("aud", /^[\x21-\x7e]{1,300}$/),
    issuedAt: time("iat"),
    notBefore: time("nbf"),
    expiresAt: time("exp"),
  };
  const told = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return Object.keys(told).length === 0 ? undefined : tokenClaimsSchema.parse(told);
}

const plainId = /^[\w-]{1,64}$/;

function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
      letter.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
