import { describe, expect, it } from "vitest";
import remote from "../../../probes/dns/remote-client.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { denied, ids } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const fqdn = "w.workspace.eastus2.api.azureml.ms";
const network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet";
const said = {
  server: "10.50.0.53",
  name: fqdn,
  type: "A",
  outcome: "answered",
  chain: [fqdn],
  addresses: ["20.1.1.1"],
};
const wrong = {
  name: { fqdn, service: "workspace-api", resourceId: ids.workspace, alias: "a", expected: [{ address: "10.1.0.5" }] },
  resolvers: [{ answer: said, relation: "public" }],
  azure: { answer: { ...said, outcome: "timeout" }, relation: "no-answer" },
};
const reached = { address: "10.1.0.5", port: 443, host: fqdn, tcp: { outcome: "open", durationMs: 1 } };

function facts(more: Readonly<Record<string, unknown>> = {}, address = "10.50.0.53") {
  return {
    position: { wanted: [wrong], open: reached, approved: [], networkIds: [network], about: [] },
    vantage: { name: "wks", addresses: ["10.50.1.20"], instance: absent },
    comparison: {
      address,
      server: address,
      asked: [wrong],
      wrong: [wrong],
      proven: [],
      unproven: [wrong],
      suffixes: [],
    },
    ...more,
  };
}
const sound = { ...facts().comparison, wrong: [], unproven: [] };

describe("the DNS of a machine on premises", () => {
  it.each([
    ["does not know the private addresses", facts(), "dns-vpn-or-expressroute-client?"],
    ["is a public resolver", facts({}, "8.8.8.8"), "dns-vpn-or-expressroute-client?"],
    ["knows the private addresses", facts({ comparison: sound }), "pass"],
    ["cannot be judged", facts({ comparison: { ...facts().comparison, unproven: [] } }), "skip"],
    ["is not configured", facts({ comparison: undefined }), "skip"],
    ["is not in question on an Azure VM", facts({ vantage: { name: "vm", instance: seen({}) } }), "skip"],
    ["is not in question when Azure may be around it", facts({ vantage: { name: "vm", instance: denied } }), "unknown"],
    ["is not in question without a way in", facts({ position: { ...facts().position, open: undefined } }), "skip"],
    ["is not in question in a public estate", facts({ position: { ...facts().position, wanted: [] } }), "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(remote, given)).toBe(expected);
  });

  it("is exchanged where nobody can set forwarders", () => {
    expect(commandsOf(remote, facts({}, "8.8.8.8"))).toBe(
      `az network vnet show --ids ${network} --query dhcpOptions.dnsServers`,
    );
  });
});
