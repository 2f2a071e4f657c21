import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultSecurityRules } from "../../src/model/default-security-rules.ts";
import { judgeFlow, placeCoverage, type Flow, type SecurityRule } from "../../src/model/network-rules.ts";

/** A universe small enough to be written out: sixteen addresses of one network. */
const address = (host: number) => `10.0.0.${host}`;
const blocks = fc.record({ bits: fc.integer({ min: 28, max: 32 }), host: fc.integer({ min: 0, max: 15 }) });
const anyPrefix = fc.oneof(
  blocks.map(({ bits, host }) => ({
    text: `10.0.0.${host - (host % 2 ** (32 - bits))}/${bits}`,
    has: (other: number) => Math.floor(other / 2 ** (32 - bits)) === Math.floor(host / 2 ** (32 - bits)),
  })),
  fc.constant({ text: "*", has: () => true }),
);
const anyPorts = fc.oneof(
  fc
    .record({ from: fc.integer({ min: 440, max: 446 }), more: fc.integer({ min: 0, max: 3 }) })
    .map(({ from, more }) => ({
      text: `${from}-${from + more}`,
      has: (port: number) => port >= from && port <= from + more,
    })),
  fc.integer({ min: 440, max: 446 }).map((only) => ({ text: String(only), has: (port: number) => port === only })),
  fc.constant({ text: "*", has: () => true }),
);
const anyRule = fc.record({
  direction: fc.constantFrom("Inbound", "outbound"),
  access: fc.constantFrom("Allow", "deny"),
  protocol: fc.constantFrom("Tcp", "UDP", "*"),
  sources: fc.array(anyPrefix, { minLength: 1, maxLength: 2 }),
  destinations: fc.array(anyPrefix, { minLength: 1, maxLength: 2 }),
  ports: fc.array(anyPorts, { minLength: 1, maxLength: 2 }),
});
type Drawn = typeof anyRule extends fc.Arbitrary<infer T> ? T : never;

function toRule(drawn: Drawn, priority: number): SecurityRule {
  const texts = (list: readonly { text: string }[]) => list.map(({ text }) => text);
  return {
    name: `r${priority}`,
    priority,
    direction: drawn.direction,
    access: drawn.access,
    protocol: drawn.protocol,
    sources: texts(drawn.sources),
    destinations: texts(drawn.destinations),
    sourcePorts: ["*"],
    destinationPorts: texts(drawn.ports),
    usesGroups: false,
  };
}

describe("a network security group", () => {
  it("decides as a plain search through its rules does", () => {
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 6 }),
        fc.record({
          from: fc.integer({ min: 0, max: 15 }),
          to: fc.integer({ min: 0, max: 15 }),
          port: fc.integer({ min: 439, max: 450 }),
          direction: fc.constantFrom("Inbound" as const, "Outbound" as const),
          protocol: fc.constantFrom("Tcp" as const, "Udp" as const),
        }),
        (drawn, { from, to, port, direction, protocol }) => {
          const deciding = drawn.find(
            (rule) =>
              rule.direction.toLowerCase() === direction.toLowerCase() &&
              ["*", protocol.toLowerCase()].includes(rule.protocol.toLowerCase()) &&
              rule.sources.some((prefix) => prefix.has(from)) &&
              rule.destinations.some((prefix) => prefix.has(to)) &&
              rule.ports.some((range) => range.has(port)),
          );
          const rules = drawn.map((rule, index) => toRule(rule, 100 + index)).reverse();
          const verdict = judgeFlow(rules, {
            direction,
            protocol,
            source: { prefix: address(from), inNetwork: true },
            destination: { prefix: address(to), inNetwork: true },
            port,
          });
          expect(verdict.access).toBe(deciding?.access.toLowerCase() === "allow" ? "Allow" : "Deny");
        },
      ),
    );
  });

  const outbound = (destination: Flow["destination"], port = 443): Flow => ({
    direction: "Outbound",
    protocol: "Tcp",
    source: { prefix: "10.1.2.0/24", inNetwork: true },
    destination,
    port,
  });
  const rule = (
    priority: number,
    access: string,
    destination: string,
    more: Partial<SecurityRule> = {},
  ): SecurityRule => ({
    name: destination,
    priority,
    direction: "Outbound",
    access,
    protocol: "*",
    sources: ["*"],
    destinations: [destination],
    sourcePorts: ["*"],
    destinationPorts: ["*"],
    usesGroups: false,
    ...more,
  });
  const verdictOf = (rules: readonly SecurityRule[], flow: Flow) =>
    judgeFlow([...rules, ...defaultSecurityRules], flow).access;

  it.each([
    ["lets everything out by default", [], { tag: "Storage.eastus2" }, "Allow"],
    ["lets into its own network by default", [], { prefix: "10.1.0.5", inNetwork: true }, "Allow"],
    [
      "refuses a service where the internet is refused",
      [rule(200, "Deny", "Internet")],
      { tag: "Storage.eastus2" },
      "Deny",
    ],
    [
      "leaves private endpoints alone where the internet is refused",
      [rule(200, "Deny", "Internet")],
      { prefix: "10.1.0.5", inNetwork: true },
      "Allow",
    ],
    [
      "takes a tag without region for the tag with one",
      [rule(100, "Allow", "storage"), rule(200, "Deny", "*")],
      { tag: "Storage.eastus2" },
      "Allow",
    ],
    [
      "does not take another region's tag for it",
      [rule(100, "Allow", "Storage.westus"), rule(200, "Deny", "*")],
      { tag: "Storage.eastus2" },
      "Deny",
    ],
    [
      "reads the tag of a feature without case",
      [rule(100, "Allow", "AzureFrontDoor.Frontend"), rule(200, "Deny", "*")],
      { tag: "AzureFrontDoor.FrontEnd" },
      "Allow",
    ],
    [
      "cannot tell where public addresses may be the service's",
      [rule(100, "Allow", "20.60.0.0/16"), rule(200, "Deny", "*")],
      { tag: "Storage.eastus2" },
      "unknown",
    ],
    [
      "knows that private addresses are no public service's",
      [rule(100, "Allow", "10.0.0.0/8"), rule(200, "Deny", "*")],
      { tag: "Storage.eastus2" },
      "Deny",
    ],
    [
      "cannot tell who is in an application security group",
      [rule(100, "Deny", "*", { usesGroups: true })],
      { prefix: "10.1.0.5", inNetwork: true },
      "unknown",
    ],
    [
      "does not take a private endpoint for a tag's address",
      [rule(100, "Allow", "Storage"), rule(200, "Deny", "*")],
      { prefix: "10.1.0.5", inNetwork: true },
      "Deny",
    ],
  ] as const)("%s", (_, rules, destination, expected) => {
    expect(verdictOf(rules, outbound(destination))).toBe(expected);
  });

  it("covers a whole place, part of one, or none", () => {
    expect([
      placeCoverage("10.0.0.0/8", { prefix: "10.1.0.0/16", inNetwork: true }),
      placeCoverage("10.1.2.0/24", { prefix: "10.1.0.0/16", inNetwork: true }),
      placeCoverage("10.9.0.0/16", { prefix: "10.1.0.0/16", inNetwork: true }),
    ]).toEqual(["all", "some", "none"]);
  });
});
