import type { X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import type { TlsFault } from "../model/ports.ts";
import { isSelfSigned } from "./certificate.ts";
import type { Trust } from "./trust.ts";

/** What the TLS library and the certificates say. */
export interface Presented {
  /** The name that was asked for. */
  readonly host: string;
  /** Leaf first. */
  readonly chain: readonly X509Certificate[];
  /** OpenSSL's verdict, `CERT_HAS_EXPIRED` for one; undefined when it found nothing. */
  readonly authorizationError: string | undefined;
}

/** Verdicts that hide what else is wrong, since OpenSSL tells one only. */
const dateVerdicts: Readonly<Record<string, TlsFault>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
};

/** Everything that is wrong with a certificate, in a fixed order. `now` in milliseconds. */
export function judgeCertificate(presented: Presented, trust: Trust, now: number): TlsFault[] {
  const { chain, authorizationError } = presented;
  const leaf = chain[0];
  if (leaf === undefined) return ["untrusted-issuer"];
  const faults = new Set<TlsFault>();
  if (isMismatch(presented.host, leaf)) faults.add("name-mismatch");
  if (leaf.validToDate.getTime() < now) faults.add("expired");
  if (leaf.validFromDate.getTime() > now) faults.add("not-yet-valid");
  const byDate = authorizationError === undefined ? undefined : dateVerdicts[authorizationError];
  // The leaf's dates may be right and an intermediate's wrong.
  if (byDate !== undefined) faults.add(byDate);
  const trusted = byDate === undefined ? authorizationError === undefined : trust.reaches(chain);
  if (!trusted) faults.add(chain.length === 1 && isSelfSigned(leaf) ? "self-signed" : "untrusted-issuer");
  return [...faults];
}

function isMismatch(host: string, leaf: X509Certificate): boolean {
  try {
    return checkServerIdentity(host, leaf.toLegacyObject()) !== undefined;
  } catch {
    // Odd names are able to make the check itself stumble; a name that cannot be checked does not match.
    return true;
  }
}
