import { plainCode, plainLine } from "./plain-line.ts";
import { isAbort } from "./within.ts";

/** What kept the tool from signing in. */
export type SignInFailure =
  /** Nothing here to sign in with: no identity, no variables, no `az login`. */
  | "no-credential"
  | "timed-out"
  /** The sign-in service answered and said no. */
  | "refused"
  /** The sign-in service could not be reached. */
  | "unreachable";

/** A failed sign-in. `message` is one line without secrets, and keeps the AADSTS code; `code` is the AADSTS or system
 * code when there is one. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly kind: SignInFailure;
  readonly code: string | undefined;

  constructor(kind: SignInFailure, message: string, code?: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

const network =
  /^(E(CONN|HOST|NET|AI_|NOTFOUND|TIMEDOUT|PIPE|PROTO)|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;
const networkInText =
  /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_HAS_EXPIRED)\b/;

/** A failure of the identity library as one of ours. Its errors nest (chains, aggregates), and what matters is often
 * inside: the sign-in service's refusal first, then a network failure, then "nothing to sign in with". */
export function signInError(error: unknown, secrets: readonly string[] = []): SignInError {
  if (error instanceof SignInError) return error;
  const all = unfold(error);
  const line = (text: string) =>
    plainLine(secrets.reduce((rest, secret) => (secret === "" ? rest : rest.replaceAll(secret, "***")), text));
  for (const each of all) {
    const refusal = /AADSTS\d+[^\r\n]*/.exec(each.message);
    if (refusal !== null)
      return new SignInError(
        "refused",
        line(refusal[0].replace(/\s*Trace ID:.*$/s, "")),
        /AADSTS\d+/.exec(refusal[0])?.[0],
      );
  }
  const main = all[0];
  const mainText = main === undefined ? "sign-in failed" : line(main.message);
  // A chain tries the metadata service and the CLI in turn; that one of them is not there is no network failure.
  if (main?.name !== "AggregateAuthenticationError") {
    for (const each of all) {
      const code =
        "code" in each && typeof each.code === "string" && network.test(each.code)
          ? each.code
          : networkInText.exec(each.message)?.[0];
      if (code !== undefined) return new SignInError("unreachable", line(each.message), plainCode(code, "ECONNFAILED"));
      if (/endpoints_resolution_error|openid_config_error|network_error|Network unreachable/.test(each.message)) {
        return new SignInError("unreachable", line(each.message), "endpoints-not-found");
      }
    }
  }
  if (all.some(isAbort)) return new SignInError("timed-out", mainText);
  if (
    all.every((each) => each.name !== "AuthenticationError") &&
    all.some((each) => /Unavailable|Aggregate/.test(each.name))
  ) {
    return new SignInError("no-credential", mainText);
  }
  return new SignInError("refused", mainText);
}

function unfold(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const inner: unknown[] = "errors" in error && Array.isArray(error.errors) ? error.errors : [];
  return [error, ...[...inner, error.cause].flatMap((each) => unfold(each, depth + 1))];
}
