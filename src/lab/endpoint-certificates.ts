import { createSecureContext, type SecureContext } from "node:tls";
import { selfSigned, type Authority, type IssuedCertificate } from "./certificates.ts";
import type { World } from "./world.ts";

/** Who signs the certificates of the endpoints. */
export interface EndpointAuthorities {
  readonly publicCa: Authority;
  readonly corporateCa: Authority;
}

type EndpointTls = NonNullable<World["network"]["endpoints"][number]["tls"]>;

/** What an endpoint shows in a TLS handshake: a fresh certificate of its names, dates and issuer. */
export async function endpointContext(tls: EndpointTls, authorities: EndpointAuthorities): Promise<SecureContext> {
  const { keyPem, certificatePem } = await issue(tls, authorities);
  return createSecureContext({ key: keyPem, cert: certificatePem });
}

async function issue(tls: EndpointTls, { publicCa, corporateCa }: EndpointAuthorities): Promise<IssuedCertificate> {
  const request = { names: tls.names, notBefore: tls.notBefore, notAfter: tls.notAfter };
  switch (tls.issuer) {
    case "public-ca":
      return publicCa.issue(request);
    case "self-signed":
      return selfSigned(request);
    case "corporate-ca": {
      // Inspection proxies often send the leaf alone: then only the name of its issuer tells who made it.
      const { keyPem, certificatePem } = await corporateCa.issue(request);
      return { keyPem, certificatePem: leafOf(certificatePem) };
    }
  }
}

function leafOf(chainPem: string): string {
  const end = "-----END CERTIFICATE-----";
  return chainPem.slice(0, chainPem.indexOf(end) + end.length);
}
