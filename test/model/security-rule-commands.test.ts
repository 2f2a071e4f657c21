import fc from "fast-check";
import { expect, test } from "vitest";
import { allowInGroup, listRulesOf, openGroup } from "../../src/model/security-rule-commands.ts";

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
  expect(openGroup("nsg", { own: [] }, [], "careful")).toEqual({ commands: [], warning: "careful" });
});

const allowed = (name: string) => ({
  name,
  direction: "Outbound" as const,
  protocol: "Tcp",
  destinations: ["Tag"],
  ports: [443],
});

/** The commands in short: `create a 100`, `update deny 101`. */
function opened(own: readonly number[], before: number | undefined, count: number) {
  const { commands, warning } = openGroup(
    group,
    { own: own.map((priority) => ({ name: `r${priority}`, priority })), ...(before === undefined ? {} : { before }) },
    Array.from({ length: count }, (_, index) => allowed(`a${index}`)),
  );
  const steps = commands.map(({ text }) => /rule (\w+) .*--name (\w+) --priority (\d+)/.exec(text)?.slice(1).join(" "));
  return { steps, warning };
}

test.each<[string, number[], number | undefined, number, string[]]>([
  ["a rule far behind", [200], 200, 1, ["create a0 100"]],
  ["a rule behind others: taken numbers are passed over", [100, 102, 200], 200, 2, ["create a0 101", "create a1 103"]],
  ["none of the group's own", [100, 101], undefined, 1, ["create a0 102"]],
  ["the first one", [100], 100, 1, ["update r100 101", "create a0 100"]],
  ["the first one, with room behind it", [100, 110], 100, 1, ["update r100 101", "create a0 100"]],
  [
    "the first one, with others right behind it: none of them is passed",
    [100, 101, 103],
    100,
    1,
    ["update r101 102", "update r100 101", "create a0 100"],
  ],
  ["one with all before it taken", [100, 101, 102], 102, 1, ["update r102 103", "create a0 102"]],
  [
    "one with too few before it free",
    [100, 102, 104],
    102,
    3,
    ["update r104 105", "update r102 104", "create a0 101", "create a1 102", "create a2 103"],
  ],
])("new rules stand before %s", (_, own, before, count, expected) => {
  expect(opened(own, before, count).steps).toEqual(expected);
});

test.each<[string, number[], number | undefined, number[]]>([
  ["a number of their own", [], undefined, [140, 141]],
  ["the next free ones", [140, 142], 200, [141, 143]],
  ["earlier ones where the rule that refuses stands there", [200], 141, [140, 100]],
  ["earlier ones where the rule that refuses stands before", [100, 110], 110, [101, 102]],
])("new rules that start elsewhere take %s", (_, own, before, expected) => {
  const taken = { own: own.map((priority) => ({ name: `r${priority}`, priority })), ...(before ? { before } : {}) };
  const { commands } = openGroup(group, taken, [allowed("a"), allowed("b")], undefined, 140);
  expect(commands.map(({ text }) => Number(/--priority (\d+)/.exec(text)?.[1]))).toEqual(expected);
});

test("a warning tells of rules that move", () => {
  const taken = { own: [{ name: "deny all", priority: 100 }], before: 100 };
  expect(openGroup(group, taken, [allowed("a")], "Mind the rest.").warning).toBe(
    'Too few numbers before the rule that refuses are free, so this moves back first, in its order: "deny all" from 100 to 101. Mind the rest.',
  );
  expect(openGroup(group, { own: [] }, [allowed("a")], "Mind the rest.").warning).toBe("Mind the rest.");
  expect(openGroup(group, { own: [] }, [allowed("a")])).not.toHaveProperty("warning");
});

test("at no step do two rules share a number or change places, and in the end the new ones are before", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 100, max: 112 }), { minLength: 1 }),
      fc.nat(),
      fc.integer({ min: 1, max: 5 }),
      (drawn, pick, count) => {
        const own = drawn.toSorted((a, b) => a - b);
        const before = own[pick % own.length] ?? 100;
        const now = new Map(own.map((priority) => [`r${priority}`, priority]));
        for (const step of opened(own, before, count).steps) {
          const [, name = "", priority] = (step ?? "").split(" ");
          expect([...now.values()]).not.toContain(Number(priority));
          now.set(name, Number(priority));
          const standing = own.map((each) => now.get(`r${each}`) ?? 0);
          expect(standing).toEqual(standing.toSorted((a, b) => a - b));
          if (name.startsWith("a")) expect(Number(priority)).toBeLessThan(now.get(`r${before}`) ?? 0);
        }
        expect(now.size).toBe(own.length + count);
      },
    ),
  );
});
