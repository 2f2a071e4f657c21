import { expect, test } from "vitest";
import probe from "../../../probes/network/forced-storage.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
import { groupId, place, rule, routeTable, subnetId, tableId } from "../compute/estate.ts";
import { ids } from "../dependencies.ts";
import { judgeWith } from "../judge.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const jump = subnetId.replace("/computes", "/jump");
const toGateway = routeTable("0.0.0.0/0 VirtualNetworkGateway");
const toAppliance = routeTable("0.0.0.0/0 VirtualAppliance 10.0.1.9");
const noFirewall = { found: [], subscriptions: [] };

interface Wish {
  readonly table?: typeof toGateway;
  readonly tables?: string;
  readonly outcome?: string;
  readonly address?: string;
  readonly proxy?: object;
  readonly expected?: readonly object[];
  readonly firewalls?: object;
  readonly subnet?: object;
  readonly lines?: readonly string[];
  readonly interfaces?: object;
}

/** This machine beside the computes, with their route table, and storage at a public address that stays silent. */
function estate(wish: Wish = {}) {
  const { table = toGateway, tables = tableId, outcome = "timeout", address = "20.150.1.1", lines } = wish;
  const properties = {
    addressPrefix: "10.1.1.0/24",
    routeTable: { id: tables },
    ...(lines === undefined ? {} : { networkSecurityGroup: { id: groupId } }),
    ...wish.subnet,
  };
  const services = ["blob", "queue", "file", "key-vault"];
  return {
    places: [place({ table })],
    subnets: [{ id: jump, uses: ["vantage"], is: seen({ subnet: { id: jump, properties }, networkPrefixes: [] }) }],
    tables: [{ id: tableId, is: table }],
    groups: seen([
      { id: groupId, is: seen({ id: groupId, name: "nsg", properties: { securityRules: (lines ?? []).map(rule) } }) },
    ]),
    firewalls: wish.firewalls ?? noFirewall,
    vantage: { name: "vm-jump", subnetId: jump, interfaces: wish.interfaces ?? seen([]) },
    names: services.map((service) => ({
      fqdn: `st.${service}.example`,
      service,
      resourceId: ids.account,
      expected: wish.expected ?? [],
    })),
    reaches: services.map((service) => ({
      fqdn: `st.${service}.example`,
      addresses: [{ address, port: 443, host: `st.${service}.example`, tcp: { outcome, durationMs: 1 } }],
      ...(wish.proxy === undefined ? {} : { proxy: wish.proxy }),
    })),
  };
}

const known = { found: [{ id: "/fw", address: "10.0.1.9", rules: seen([]) }], subscriptions: [] };
const unread = { found: [], subscriptions: [{ is: gapAt("GET fw", { gap: "timed-out", afterMs: 1 }) }] };
test.each<[string, Wish, string]>([
  ["silent behind a gateway", {}, "udr-onprem-appliance-blocks-storage?"],
  ["silent behind an appliance", { table: toAppliance }, "udr-onprem-appliance-blocks-storage?"],
  ["silent behind a gateway, firewalls unread", { firewalls: unread }, "udr-onprem-appliance-blocks-storage?"],
  ["answering behind a gateway", { outcome: "open" }, "pass"],
  ["refused, which an appliance does not do silently", { outcome: "refused" }, "pass"],
  ["silent behind an Azure Firewall, whose rules are judged", { table: toAppliance, firewalls: known }, "skip"],
  ["silent behind what may be an Azure Firewall", { table: toAppliance, firewalls: unread }, "skip"],
  ["silent on another route table than the computes'", { tables: `${tableId}2` }, "skip"],
  ["silent without forced tunnelling", { table: routeTable("10.0.0.0/8 VirtualNetworkGateway") }, "skip"],
  [
    "silent, and storage has a route of its own",
    { table: routeTable("0.0.0.0/0 VirtualNetworkGateway", "Storage Internet") },
    "skip",
  ],
  ["silent past a service endpoint", { subnet: { serviceEndpoints: [{ service: "Microsoft.Storage" }] } }, "skip"],
  ["silent behind a group that refuses", { lines: ["Outbound 100 Deny * * *"] }, "skip"],
  ["silent behind a group that allows", { lines: [] }, "udr-onprem-appliance-blocks-storage?"],
  [
    "silent behind a group of the interface that is not seen",
    { interfaces: seen([{ id: "/nic", properties: { networkSecurityGroup: { id: "/nsg-of-nic" } } }]) },
    "skip",
  ],
  ["silent where a proxy is to be used", { proxy: { outcome: "tunnel" } }, "skip"],
  ["at a private address", { address: "10.1.0.10" }, "skip"],
  ["behind a private endpoint", { expected: [{ address: "10.1.0.10" }] }, "skip"],
])("storage %s", (_, wish, expected) => {
  expect(verdictOf(probe, estate(wish))).toBe(expected);
});

test("the computes' table is looked into first, and file shares and vaults are left out", () => {
  expect(commandsOf(probe, estate())).toContain("--route-table-name rt");
  expect(JSON.stringify(judgeWith(probe, estate()))).not.toMatch(/st\.(?:file|key-vault)/);
});
