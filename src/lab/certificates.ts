import { createHash, generateKeyPair, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIPv4 } from "node:net";
import { promisify } from "node:util";
import { bits, implicit, integer, nothing, octets, oid, sequence, set, tagged, text, time, yes } from "./der.ts";

/** What a certificate is for. Without dates it is valid now. */
export interface CertificateRequest {
  /** DNS names (wildcards allowed) and IPv4 addresses; the first is the common name too. */
  readonly names: readonly string[];
  readonly notBefore?: string | Date | undefined;
  readonly notAfter?: string | Date | undefined;
  /** EC by default, which is fast; RSA for clients that insist on it. */
  readonly key?: "ec" | "rsa";
}

/** A private key and its certificate, both PEM. */
export interface IssuedCertificate {
  readonly keyPem: string;
  /** Leaf first, then the chain up to and including the authority. */
  readonly certificatePem: string;
}

/** A certificate authority that exists for as long as a lab does. */
export interface Authority {
  /** Its own certificate: what a client is to trust. */
  readonly pem: string;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Issuer {
  readonly name: string;
  readonly keys: KeyPair;
}

const dayMs = 24 * 3600 * 1000;
const generate = promisify(generateKeyPair);

/** The leaf keys are of no value, so that one of each kind serves all labs of the process: an RSA key takes 100 ms. */
const leafKeys: { ec?: Promise<KeyPair>; rsa?: Promise<KeyPair> } = {};

function leafKey(kind: "ec" | "rsa"): Promise<KeyPair> {
  return (leafKeys[kind] ??=
    kind === "ec" ? generate("ec", { namedCurve: "P-256" }) : generate("rsa", { modulusLength: 2048 }));
}

/** Makes an authority with a key of its own. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const issuer: Issuer = { name: commonName, keys: await generate("ec", { namedCurve: "P-256" }) };
  const now = Date.now();
  const pem = certificate({
    subject: commonName,
    publicKey: issuer.keys.publicKey,
    issuer,
    notBefore: new Date(now - 3650 * dayMs),
    notAfter: new Date(now + 3650 * dayMs),
    extensions: [
      extension("2.5.29.19", sequence(yes()), "critical"),
      // keyCertSign and cRLSign.
      extension("2.5.29.15", bits(Buffer.from([0x06]), 1), "critical"),
      extension("2.5.29.14", octets(keyIdentifier(issuer.keys.publicKey))),
    ],
  });
  return { pem, issue: (request) => issue(request, { ...issuer, pem }) };
}

/** A certificate that vouches for itself, as appliances have. */
export function selfSigned(request: CertificateRequest): Promise<IssuedCertificate> {
  return issue(request, undefined);
}

async function issue(
  request: CertificateRequest,
  authority: (Issuer & { readonly pem: string }) | undefined,
): Promise<IssuedCertificate> {
  const keys = await leafKey(request.key ?? "ec");
  // A common name holds 64 characters; the names that count stand in the extension.
  const subject = (request.names[0] ?? "lab").slice(0, 64);
  const pem = certificate({
    subject,
    publicKey: keys.publicKey,
    issuer: authority ?? { name: subject, keys },
    ...validity(request),
    extensions: [
      extension("2.5.29.19", sequence()),
      // digitalSignature and keyEncipherment; server authentication.
      extension("2.5.29.15", bits(Buffer.from([0xa0]), 5), "critical"),
      extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
      ...(request.names.length === 0 ? [] : [extension("2.5.29.17", sequence(...request.names.map(generalName)))]),
      ...(authority === undefined
        ? []
        : [extension("2.5.29.35", sequence(implicit(0, keyIdentifier(authority.keys.publicKey))))]),
    ],
  });
  return {
    keyPem: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: pem + (authority?.pem ?? ""),
  };
}

/** An end in the past moves the beginning before it, so that an expired certificate is expired and nothing else. */
function validity(request: CertificateRequest): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  const end = request.notAfter === undefined ? undefined : new Date(request.notAfter).getTime();
  const begin =
    request.notBefore === undefined ? Math.min(now, end ?? now) - 30 * dayMs : new Date(request.notBefore).getTime();
  return { notBefore: new Date(begin), notAfter: new Date(end ?? Math.max(now, begin) + 365 * dayMs) };
}

/** RFC 5280, section 4.1, as PEM. */
function certificate(parts: {
  subject: string;
  publicKey: KeyObject;
  issuer: Issuer;
  notBefore: Date;
  notAfter: Date;
  extensions: readonly Buffer[];
}): string {
  const { privateKey } = parts.issuer.keys;
  const algorithm =
    privateKey.asymmetricKeyType === "rsa"
      ? sequence(oid("1.2.840.113549.1.1.11"), nothing())
      : sequence(oid("1.2.840.10045.4.3.2"));
  const signed = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...randomBytes(15)])),
    algorithm,
    distinguishedName(parts.issuer.name),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    distinguishedName(parts.subject),
    parts.publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...parts.extensions)),
  );
  const whole = sequence(signed, algorithm, bits(sign("sha256", signed, privateKey)));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(oid("2.5.4.3"), text(commonName))));
}

function extension(id: string, value: Buffer, critical?: "critical"): Buffer {
  return sequence(oid(id), ...(critical === undefined ? [] : [yes()]), octets(value));
}

function generalName(name: string): Buffer {
  return isIPv4(name) ? implicit(7, Buffer.from(name.split(".").map(Number))) : implicit(2, Buffer.from(name));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}
