import { describe, expect, it } from "vitest";
import connection from "../../../probes/scoring/connection.ts";
import { ids } from "../dependencies.ts";
import { verdictOf } from "../verdict-of.ts";

const fqdn = "score1.eastus2.inference.ml.azure.com";
const sound = { outcome: "established", faults: [], chain: [], durationMs: 1 };

function reach(address: string, tcp: string, tls?: unknown) {
  return {
    address,
    port: 443,
    host: fqdn,
    tcp: { outcome: tcp, durationMs: 1 },
    ...(tls === undefined ? {} : { tls }),
  };
}

function path(more: Readonly<Record<string, unknown>> = {}, addresses: readonly string[] = ["10.1.0.7"]) {
  return {
    name: { fqdn, service: "inference", resourceId: ids.endpoint, alias: "a", expected: [], publicAccess: "closed" },
    needsPrivate: true,
    system: { name: fqdn, addresses },
    here: "expected",
    resolvers: [],
    reaches: [],
    ...more,
  };
}

describe("the connection to a scoring address", () => {
  it.each([
    ["is had", path({ reaches: [reach("10.1.0.7", "open", sound)] }), "pass"],
    ["times out", path({ reaches: [reach("10.1.0.7", "timeout")] }), "scoring-tcp-timeout"],
    ["is refused", path({ reaches: [reach("10.1.0.7", "refused")] }), "scoring-tcp-timeout"],
    [
      "breaks off in TLS",
      path({ reaches: [reach("10.1.0.7", "open", { ...sound, outcome: "reset" })] }),
      "scoring-tcp-timeout",
    ],
    [
      "has a wrong certificate, which is another question",
      path({ reaches: [reach("10.1.0.7", "open", { ...sound, faults: ["name-mismatch"] })] }),
      "pass",
    ],
    [
      "is had at the second address",
      path({ reaches: [reach("10.1.0.7", "timeout"), reach("10.1.0.8", "open", sound)] }, ["10.1.0.7", "10.1.0.8"]),
      "pass",
    ],
    ["times out at an address that callers do not use", path({ reaches: [reach("10.1.0.9", "timeout")] }), "skip"],
    ["goes to a name without an address", path({}, []), "skip"],
    [
      "goes through a proxy",
      path({ reaches: [reach("10.1.0.7", "timeout")], proxy: { proxy: "http://10.0.0.5:3128" } }),
      "skip",
    ],
  ])("%s", (_, one, expected) => {
    expect(verdictOf(connection, { paths: [one], redials: [] })).toBe(expected);
  });

  it("is had in the second try", () => {
    const silent = path({ reaches: [reach("10.1.0.7", "timeout")] });
    const redials = [{ fqdn, addresses: [reach("10.1.0.7", "open", sound)] }];
    expect(verdictOf(connection, { paths: [silent], redials })).toBe("pass");
  });

  it("is no question without a managed endpoint", () => {
    expect(verdictOf(connection, { paths: [], redials: [] })).toBe("skip");
  });
});
