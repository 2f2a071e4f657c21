import { describe, expect, it } from "vitest";
import scoringAddress from "../../../probes/kubernetes/scoring-address.ts";
import scoringCertificate from "../../../probes/kubernetes/scoring-certificate.ts";
import scoringName from "../../../probes/kubernetes/scoring-name.ts";
import type { ScoringPath } from "../../../src/facts/kubernetes-scoring.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
import type { Reach, TlsFault } from "../../../src/model/ports.ts";
import { judgeWith } from "../judge.ts";
import { clusterId, view } from "./clusters.ts";

const host = "score.example.com";
const reach = (address: string, faults: readonly TlsFault[] = []): Reach => ({
  address,
  port: 443,
  host,
  tcp: { outcome: "open", durationMs: 1 },
  tls: {
    outcome: "established",
    faults,
    chain: [
      {
        subject: "CN=x",
        issuer: "CN=ca",
        names: ["x.example.com"],
        notBefore: "a",
        notAfter: "b",
        fingerprint256: "f",
        selfSigned: false,
      },
    ],
    durationMs: 1,
  },
  http: { outcome: "answered", status: 401, headers: {}, body: "", durationMs: 1 },
});
const silent = (address: string): Reach => ({ address, port: 443, host, tcp: { outcome: "timeout", durationMs: 1 } });
const path = (more: Partial<ScoringPath> = {}): ScoringPath => ({
  endpointId: "/e",
  endpointName: "e",
  clusterId,
  uri: `https://${host}/score`,
  host,
  scheme: "https",
  port: 443,
  isAddress: false,
  router: seen(["10.1.4.10"]),
  system: { name: host, addresses: ["10.1.4.10"] },
  resolvers: [],
  reaches: [reach("10.1.4.10")],
  ...more,
});
const nowhere = { system: { name: host, addresses: [], error: "ENOTFOUND" } };
const denied = gapAt("list services in azureml", { gap: "denied", status: 403, action: "list services in azureml" });
const zone = {
  id: "/subscriptions/s/resourceGroups/d/providers/Microsoft.Network/privateDnsZones/example.com",
  name: "example.com",
  links: seen([]),
  records: seen([]),
};
const facts = (one: ScoringPath) => ({
  clusters: [view()],
  paths: [one],
  zones: seen({ zones: [zone], searched: [], named: [] }),
  vantage: { name: "vm", addresses: ["10.1.1.4"] },
  reaches: seen([]),
});

describe("the scoring name", () => {
  it.each([
    ["leads to the router", path(), { is: "pass" }],
    [
      "leads to a gateway that takes the calls",
      path({ system: { name: host, addresses: ["10.9.9.9"] }, reaches: [reach("10.9.9.9"), reach("10.1.4.10")] }),
      { is: "pass" },
    ],
    ["does not exist", path(nowhere), { reason: "infdns-k8s-custom-domain" }],
    [
      "leads elsewhere",
      path({ system: { name: host, addresses: ["10.9.9.9"] }, reaches: [silent("10.9.9.9")] }),
      { reason: "infdns-k8s-custom-domain" },
    ],
    ["leads where the router is not yet", path({ router: seen([]), reaches: [silent("10.1.4.10")] }), { is: "skip" }],
    [
      "leads to an address that nothing can be compared with",
      path({ router: denied, reaches: [silent("10.1.4.10")] }),
      { is: "unknown", permission: "list services in azureml" },
    ],
    ["is no fault where there is no router", path({ ...nowhere, router: absent, reaches: [] }), { is: "skip" }],
  ])("%s", (_, one, expected) => {
    expect(judgeWith(scoringName, facts(one))[0]).toMatchObject(expected);
  });

  it("is mended in its zone, with the router's address", () => {
    const verdict = judgeWith(scoringName, facts(path(nowhere)))[0];
    expect(JSON.stringify(verdict)).toContain("--record-set-name score --ipv4-address 10.1.4.10");
  });
});

describe("the router's certificate", () => {
  it.each([
    ["is sound", path(), { is: "pass" }],
    [
      "is for another name, also where DNS leads nowhere",
      path({ ...nowhere, reaches: [reach("10.1.4.10", ["name-mismatch"])] }),
      { reason: "k8s-tls-cert-invalid", confidence: "confirmed" },
    ],
    [
      "comes from an issuer that only we do not know",
      path({ reaches: [reach("10.1.4.10", ["untrusted-issuer"])] }),
      { reason: "k8s-tls-cert-invalid", confidence: "likely" },
    ],
  ])("%s", (_, one, expected) => {
    expect(judgeWith(scoringCertificate, facts(one))[0]).toMatchObject(expected);
  });

  it("is not the router's where a device replaces all certificates", () => {
    const inspected = path({ reaches: [reach("10.1.4.10", ["untrusted-issuer"])] });
    const elsewhere = seen([{ fqdn: "kv.vault.azure.net", addresses: [reach("10.1.0.12", ["untrusted-issuer"])] }]);
    expect(judgeWith(scoringCertificate, { ...facts(inspected), reaches: elsewhere })[0]).toMatchObject({ is: "skip" });
  });
});

describe("the scoring address", () => {
  it("takes connections, or is silent", () => {
    expect(judgeWith(scoringAddress, facts(path()))[0]).toMatchObject({ is: "pass" });
    expect(judgeWith(scoringAddress, facts(path({ reaches: [silent("10.1.4.10")] })))[0]).toMatchObject({
      reason: "k8s-router-address-unreachable",
    });
  });
});
