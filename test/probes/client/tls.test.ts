import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/tls.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
import type { Reach } from "../../../src/model/ports.ts";
import { verdictOf } from "../verdict-of.ts";
import { facts, host, path, reach } from "./own-path.ts";

const unanswered = (...dialled: Reach[]) => ({
  ...facts(path()),
  paths: gapAt("GET /x", { gap: "unreachable", code: "SELF_SIGNED_CERT_IN_CHAIN" }),
  own: seen(path({ trouble: "unanswered", hosts: [host("resource-manager", { reaches: dialled })] })),
});
const by = (issuer: string, ...faults: NonNullable<Reach["tls"]>["faults"]) =>
  unanswered(reach("open", { issuer, faults }));

describe("client/tls, when Resource Manager did not answer", () => {
  it.each([
    ["a device's own authority", by("CN=Contoso Inspection CA", "untrusted-issuer"), "cv-tls-inspection"],
    ["a device that signs its certificates itself", by("CN=proxy", "self-signed"), "cv-tls-inspection"],
    [
      "a trust store without Microsoft's root",
      by("CN=Microsoft Azure RSA TLS Issuing CA 04", "untrusted-issuer"),
      "unknown",
    ],
    ["a portal with a certificate of its own", by("CN=portal", "untrusted-issuer", "name-mismatch"), "unknown"],
    ["a clock that is off", by("CN=DigiCert Global G2", "expired"), "unknown"],
    ["no connection", unanswered(reach("timeout")), "unknown"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });
});
