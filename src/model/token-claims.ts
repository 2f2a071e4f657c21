/** What an access token says of its holder. Only these members are ever taken out of a token. */
export interface TokenClaims {
  /** Object id of the user or service principal. */
  readonly objectId: string;
  /** Whether a person signed in; an application acts for itself otherwise. */
  readonly isPerson: boolean;
  readonly tenantId?: string;
  readonly audience?: string;
  /** Seconds since 1970. */
  readonly expiresAt?: number;
}

/** Who this run is signed in as. Never throws. */
export interface IdentityPort {
  /** What the last token says of its holder; undefined before there was one, and when its claims cannot be read. */
  signedIn(): TokenClaims | undefined;
}

/** The claims of an Entra ID access token; undefined for anything else, such as a key. The signature is not checked: whoever
 * handed us the token vouches for it. https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function claimsOf(token: string): TokenClaims | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  const claims = decode(parts[1] ?? "");
  const text = (name: string): string | undefined => {
    const value = claims?.[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const objectId = text("oid");
  if (claims === undefined || objectId === undefined || !/^[0-9a-f-]{36}$/i.test(objectId)) return undefined;
  const tenantId = text("tid");
  const audience = text("aud");
  const expiresAt = claims["exp"];
  return {
    objectId,
    // Applications hold `roles`, people `scp`; `idtyp` is optional and only ever says app or user.
    isPerson: text("idtyp") === undefined ? text("scp") !== undefined : text("idtyp") === "user",
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(audience === undefined ? {} : { audience }),
    ...(typeof expiresAt === "number" ? { expiresAt } : {}),
  };
}

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
