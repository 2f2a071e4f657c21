import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createAuthority, selfSigned } from "../../src/lab/certificates.ts";

test("an issued certificate is the authority's, for its names, and valid now", async () => {
  const authority = await createAuthority("Lab");
  const root = new X509Certificate(authority.pem);
  for (const key of ["ec", "rsa"] as const) {
    const issued = await authority.issue({ names: ["*.example.test", "127.0.0.1"], key });
    const leaf = new X509Certificate(issued.certificatePem);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkHost("a.example.test")).toBe("*.example.test");
    expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(leaf.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(leaf.validToDate.getTime()).toBeGreaterThan(Date.now());
    expect(issued.certificatePem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(leaf.publicKey.asymmetricKeyType).toBe(key);
  }
});

test("an expired one is expired and nothing else; a self-signed one vouches for itself", async () => {
  const expired = new X509Certificate(
    (await selfSigned({ names: ["a.test"], notAfter: "2020-01-01T00:00:00Z" })).certificatePem,
  );
  expect(expired.validToDate.toISOString()).toBe("2020-01-01T00:00:00.000Z");
  expect(expired.validFromDate.getTime()).toBeLessThan(expired.validToDate.getTime());
  expect(expired.verify(expired.publicKey)).toBe(true);
});
