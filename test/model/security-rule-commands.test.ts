import { expect, test } from "vitest";
import { allowAhead, allowInGroup, listRulesOf } from "../../src/model/security-rule-commands.ts";

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

const rule = (name: string) => ({
  name,
  direction: "Outbound" as const,
  protocol: "Tcp",
  destinations: ["*"],
  ports: [443],
});
const placesOf = (room: Parameters<typeof allowAhead>[1], ...names: string[]) =>
  allowAhead(group, room, ...names.map(rule)).map(({ text }) =>
    /rule (\w+) .*--name (\S+) --priority (\d+)/.exec(text)?.slice(1).join(" "),
  );

test.each([
  ["an empty group", { used: [] }, ["create a 100", "create b 101"]],
  [
    "priorities that are taken",
    { used: [100, 102, 4096], decides: { name: "deny", priority: 4096 } },
    ["create a 101", "create b 103"],
  ],
  [
    "a refusal that has the first priority",
    { used: [100, 101, 102], decides: { name: "deny", priority: 100 } },
    ["update deny 104", "create a 100", "create b 103"],
  ],
  [
    "Azure's own refusal",
    { used: [100], decides: { name: "DenyAllInBound", priority: 65500 } },
    ["create a 101", "create b 102"],
  ],
])("rules come ahead of what decides: %s", (_, room, wanted) => {
  expect(placesOf(room, "a", "b")).toEqual(wanted);
});
