import { describe, expect, it } from "vitest";
import probe from "../../../probes/workspace/diagnose-and-vantage.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import { verdictOf } from "../verdict-of.ts";

const fqdn = "kvmlprod.vault.azure.net";
const dialled = (outcome: "established" | "timeout") => ({
  address: "10.1.0.9",
  port: 443,
  host: fqdn,
  tcp: { outcome: "open", durationMs: 1 },
  tls: { outcome, faults: [], chain: [], durationMs: 1 },
});
const remark = (category: string, code = "Failed", level = "Error") => ({ category, code, level, message: "m" });

function facts(
  remarks: object[],
  here: "expected" | "public" | "no-answer" = "expected",
  outcome: "established" | "timeout" = "established",
) {
  return {
    workspace: { id: "/subscriptions/s/resourceGroups/rg/providers/p/workspaces/w" },
    vantage: { name: "vm-jump" },
    results: seen(remarks),
    paths: [
      {
        name: { fqdn, service: "key-vault", groupId: "vault", expected: [{ address: "10.1.0.9" }] },
        needsPrivate: true,
        here,
        system: { name: fqdn, addresses: [here === "expected" ? "10.1.0.9" : "20.62.1.9"] },
        reaches: [dialled(outcome)],
      },
    ],
  };
}

const differs = "cv-diagnose-from-service-vs-vantage";

describe("workspace/diagnose-and-vantage", () => {
  it.each([
    ["both are content", facts([]), "pass"],
    ["the service is content, and the name leads astray here", facts([], "public"), differs],
    ["both complain of names", facts([remark("dnsResolutionResults")], "public"), "pass"],
    ["only the service complains of names", facts([remark("dnsResolutionResults")]), differs],
    [
      "the service only says that the DNS is custom",
      facts([remark("dnsResolutionResults", "CustomDnsInUse", "Warning")]),
      "pass",
    ],
    ["the service only informs", facts([remark("dnsResolutionResults", "A", "Information")]), "pass"],
    ["only the service complains of the vault", facts([remark("keyVaultResults")]), differs],
    ["the vault does not answer here either", facts([remark("keyVaultResults")], "expected", "timeout"), "pass"],
    ["the service complains of what is not dialled", facts([remark("storageAccountResults")]), "pass"],
    ["no resolver answers here", facts([], "no-answer"), "pass"],
    [
      "the service was not asked",
      { ...facts([]), results: gapAt("POST /x", { gap: "timed-out", afterMs: 1 }) },
      "skip",
    ],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });

  it("shows both sides", () => {
    const [verdict] = judgeWith(probe, facts([remark("keyVaultResults")]));
    expect(verdict?.is === "found" && verdict.evidence.map(({ observed }) => observed)).toEqual([
      "Error Failed: m",
      "open",
    ]);
  });
});
