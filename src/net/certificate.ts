import type { X509Certificate } from "node:crypto";
import type { Certificate } from "../model/ports.ts";
import { cleanLine } from "./clean-text.ts";

const longestChain = 10;
const mostNames = 100;

/** The certificates that were presented, leaf first, without end or loop. */
export function presentedChain(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  for (
    let next = leaf;
    next !== undefined && chain.length < longestChain && !seen.has(next.fingerprint256);
    next = next.issuerCertificate
  ) {
    seen.add(next.fingerprint256);
    chain.push(next);
  }
  return chain;
}

/** A certificate as reports show it. Its text is whatever its maker wrote: cleaned and cut. */
export function describeCertificate(certificate: X509Certificate): Certificate {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesOf(certificate.subjectAltName ?? ""),
    notBefore: dateText(certificate.validFromDate),
    notAfter: dateText(certificate.validToDate),
    fingerprint256: certificate.fingerprint256,
    selfSigned: isSelfSigned(certificate),
  };
}

/** Whether a certificate vouches for itself, as roots and appliances do. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
  } catch {
    // A key of a kind that cannot be read has proved nothing.
    return false;
  }
}

function oneLine(name: string | undefined): string {
  return cleanLine((name ?? "").replaceAll("\n", ", "), 300);
}

/** Node writes `DNS:a, IP Address:10.0.0.4`, and names with odd characters as JSON strings. */
function namesOf(text: string): string[] {
  const names: string[] = [];
  for (const match of text.slice(0, 65_536).matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    names.push(cleanLine((match[1] ?? "").replace(/^"|"$/g, ""), 253));
    if (names.length === mostNames) break;
  }
  return names;
}

/** ISO 8601; empty for a date that is none. */
function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
