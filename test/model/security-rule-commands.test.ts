import { expect, test } from "vitest";
import { allowInGroup, freePriorities, listRulesOf } from "../../src/model/security-rule-commands.ts";

const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";

test("rules are put into the group with every member quoted", () => {
  const [command] = allowInGroup(group, {
    name: "a b",
    priority: 100,
    direction: "Inbound",
    protocol: "Tcp",
    sources: ["Tag"],
    destinations: ["10.0.0.4", "10.0.0.5"],
    ports: [22, "80-90"],
  });
  expect(command?.text).toBe(
    "az network nsg rule create --subscription s --resource-group g --nsg-name nsg --name 'a b' --priority 100 --direction Inbound --access Allow --protocol Tcp --source-address-prefixes Tag --destination-address-prefixes 10.0.0.4 10.0.0.5 --destination-port-ranges 22 80-90",
  );
});

test("what is no id has no commands", () => {
  expect([...listRulesOf("nsg"), ...allowInGroup("nsg")]).toEqual([]);
});

test("priorities that are taken are passed over", () => {
  const next = freePriorities([100, 102]);
  expect([next(), next(), next()]).toEqual([101, 103, 104]);
});
