import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/name-cache.ts";
import { seen } from "../../../src/model/observation.ts";
import { verdictOf } from "../verdict-of.ts";

const fqdn = "score1.eastus2.inference.ml.azure.com";

function facts(system: readonly string[], server: string, hosts: Readonly<Record<string, readonly string[]>> = {}) {
  const relation = server === "10.1.0.7" ? "expected" : "public";
  const answer = {
    server: "10.0.0.4",
    name: fqdn,
    type: "A",
    outcome: "answered",
    rcode: "NOERROR",
    chain: [fqdn],
    addresses: [server],
    transport: "udp",
    durationMs: 1,
  };
  return {
    vantage: { name: "vm-jump", hostsFile: seen(hosts) },
    paths: [
      {
        name: {
          fqdn,
          alias: "",
          resourceId: "r",
          expected: [{ address: "10.1.0.7", privateEndpointId: "p", source: "network-interface" }],
        },
        needsPrivate: true,
        system: { name: fqdn, addresses: system },
        here: system[0] === "10.1.0.7" ? "expected" : "public",
        resolvers: [{ answer, relation }],
        azure: { answer, relation },
        reaches: [],
      },
    ],
  };
}

describe("client/name-cache", () => {
  it.each([
    ["the system and its server agree", facts(["10.1.0.7"], "10.1.0.7"), "pass"],
    ["the system keeps what no server says any more", facts(["20.62.1.9"], "10.1.0.7"), "dns-client-cache-stale?"],
    ["the hosts file says it", facts(["20.62.1.9"], "10.1.0.7", { [fqdn]: ["20.62.1.9"] }), "pass"],
    ["the server is wrong too", facts(["20.62.1.9"], "20.62.1.9"), "pass"],
    ["the system's look-up failed", facts([], "10.1.0.7"), "pass"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });
});
