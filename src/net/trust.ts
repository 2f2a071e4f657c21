import { X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { isSelfSigned } from "./certificate.ts";

/** The authorities that certificates are judged by. */
export interface Trust {
  readonly context: SecureContext;
  /** Whether a chain, dates aside, ends in a trusted authority. */
  reaches(chain: readonly X509Certificate[]): boolean;
}

/** Node's default roots and `extra` ones (PEM, several to a text allowed). Made once: it reads over a hundred
 * certificates. Text that holds no certificate is passed over. */
export function createTrust(extra: readonly string[]): Trust {
  const added = extra
    .flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .filter(readable);
  const pems = [...getCACertificates("default"), ...added];
  let context: SecureContext | undefined;
  let roots: Map<string, X509Certificate[]> | undefined;
  return {
    get context() {
      return (context ??= createSecureContext({ ca: pems }));
    },
    reaches(chain) {
      roots ??= bySubject(pems);
      return chainReaches(chain, roots);
    },
  };
}

function readable(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function bySubject(pems: readonly string[]): Map<string, X509Certificate[]> {
  const roots = new Map<string, X509Certificate[]>();
  for (const pem of pems.filter(readable)) {
    const root = new X509Certificate(pem);
    roots.set(root.subject, [...(roots.get(root.subject) ?? []), root]);
  }
  return roots;
}

/** By hand, since OpenSSL names one fault only: a certificate that has expired may be untrusted too. */
function chainReaches(
  chain: readonly X509Certificate[],
  roots: ReadonlyMap<string, readonly X509Certificate[]>,
): boolean {
  const signed = (certificate: X509Certificate, issuer: X509Certificate): boolean => {
    try {
      return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    } catch {
      return false;
    }
  };
  for (const [index, certificate] of chain.entries()) {
    const sameName = roots.get(certificate.subject) ?? [];
    if (sameName.some((root) => root.fingerprint256 === certificate.fingerprint256)) return true;
    if ((roots.get(certificate.issuer) ?? []).some((root) => signed(certificate, root))) return true;
    const next = chain[index + 1];
    if (next === undefined || isSelfSigned(certificate) || !next.ca || !signed(certificate, next)) return false;
  }
  return false;
}
