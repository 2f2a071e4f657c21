import { expect, test } from "vitest";
import probe from "../../../probes/aks-v1/scoring-security-group.ts";
import { seen } from "../../../src/model/observation.ts";
import { groupId, rule } from "../compute/estate.ts";
import { clusterId } from "../kubernetes/clusters.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const [inside, outside] = ["10.1.4.10", "20.1.2.3"];
const found = "aksv1-nsg-inbound-scoring-blocked";

function facts(address: string, ...lines: readonly string[]) {
  return {
    networks: [
      {
        clusterId,
        groups: [
          { id: groupId, is: seen({ id: groupId, name: "nsg", properties: { securityRules: lines.map(rule) } }) },
        ],
      },
    ],
    paths: [
      {
        endpointId: "/e",
        clusterId,
        host: "score.example.com",
        port: 443,
        reaches: [{ address, port: 443, host: "score.example.com", tcp: { outcome: "timeout", durationMs: 1 } }],
      },
    ],
    vantage: seen({ name: "laptop", addresses: ["192.168.1.5"] }),
  };
}

test.each<[string, ReturnType<typeof facts>, string]>([
  ["a private address, open to networks joined with it", facts(inside), "pass"],
  ["a private address, shut to this machine", facts(inside, "Inbound 100 Deny Tcp 192.168.0.0/16 443"), found],
  ["a public address, open to the internet", facts(outside, "Inbound 300 Allow Tcp Internet 443"), "pass"],
  [
    "a public address, open to some public addresses: this machine's may be one",
    facts(outside, "Inbound 300 Allow Tcp 203.0.113.0/24 443"),
    "pass",
  ],
  ["a public address, shut to everybody", facts(outside), found],
])("before %s", (_, given, expected) => {
  expect(verdictOf(probe, given)).toBe(expected);
});

test("the rule that opens the way stands before the one that shuts it, where nothing else has its number", () => {
  const given = facts(inside, "Inbound 101 Deny Tcp * 443", "Inbound 200 Allow Tcp * 22");
  expect(commandsOf(probe, given)).toMatch(/--priority 100 .*--source-address-prefixes 192\.168\.1\.5/);
});

test("a rule that shuts the way with the first number moves back for it", () => {
  const [deny, other] = ["Inbound 100 Deny Tcp * 443", "Inbound 101 Allow Tcp * 22"];
  const steps = commandsOf(probe, facts(inside, deny, other)).split("\n");
  expect(steps.map((line) => /rule (\w+) .*--name (.*) --priority (\d+)/.exec(line)?.slice(1))).toEqual([
    ["update", `'${other}'`, "102"],
    ["update", `'${deny}'`, "101"],
    ["create", "AllowScoring", "100"],
  ]);
});
