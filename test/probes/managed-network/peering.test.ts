import { describe, expect, it } from "vitest";
import outboundRules from "../../../probes/managed-network/outbound-rules.ts";
import peering from "../../../probes/managed-network/peering.ts";
import { seen } from "../../../src/model/observation.ts";
import { endpoints, ids, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const managed = workspace({ managedNetwork: { isolationMode: "AllowInternetOutbound", status: { status: "Active" } } });
const vnet = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet";

function calls(host: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    workspace: managed,
    endpoints: endpoints(),
    logs: [{ id: ids.deployment, is: seen({ refusedCalls: [{ host, line: `no way to ${host}` }] }) }],
    networks: seen([
      { id: vnet, network: seen({ id: vnet, properties: { addressSpace: { addressPrefixes: ["10.1.0.0/16"] } } }) },
    ]),
    names: seen([
      { fqdn: "st.blob.example", resourceId: ids.account, groupId: "blob", expected: [{ address: "10.1.0.10" }] },
    ]),
    ...more,
  };
}

describe("a call from a managed network", () => {
  const found = "mn-no-peering-with-customer-vnet?";
  it.each([
    ["to an address of a network in sight", calls("10.1.2.3"), found],
    ["to an address of no network in sight", calls("10.9.2.3"), "pass"],
    ["to a name", calls("api.contoso.example"), "pass"],
    ["that is none: there is no managed network", calls("10.1.2.3", { workspace: workspace() }), "skip"],
    ["from a cluster", calls("10.1.2.3", { endpoints: endpoints({ endpointComputeType: "Kubernetes" }) }), "pass"],
    ["where no network can be seen", calls("10.1.2.3", { networks: { is: "absent" } }), "pass"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(peering, given)).toBe(expected);
  });

  it("to a private endpoint of yours is led there by a rule to its resource", () => {
    expect(commandsOf(peering, calls("10.1.0.10"))).toMatch(
      /outboundRules\/pe-stmlprod-blob[^]*subresourceTarget":"blob/,
    );
    expect(commandsOf(peering, calls("10.1.2.3"))).not.toContain("put");
  });
});

describe("an outbound rule by name that failed", () => {
  const rule = (error: string | undefined, kind = "fqdn", status = "Failed") => ({
    id: `${ids.workspace}/outboundRules/pypi`,
    name: "pypi",
    kind,
    status,
    fqdn: "pypi.org",
    ...(error === undefined ? {} : { error }),
  });
  it.each([
    [
      "since the firewall's SKU is not to be had",
      rule("the firewall SKU Standard is not available in eastus2"),
      "mn-firewall-sku-or-region?",
    ],
    ["since the region has no firewall", rule("LocationNotAvailable for Azure Firewall"), "mn-firewall-sku-or-region?"],
    ["by a policy", rule("RequestDisallowedByPolicy: no firewall in this region"), "mn-custom-policy-denies-pe"],
    ["without a word", rule(undefined), "mn-outbound-rule-not-active"],
    ["for a region, without a firewall", rule("the region is busy"), "mn-outbound-rule-not-active"],
    ["and is none by name", rule("the firewall SKU is wrong", "private-endpoint"), "mn-outbound-rule-not-active"],
    ["not yet: it is being made", rule("the firewall SKU", "fqdn", "Provisioning"), "mn-outbound-rule-not-active(w)"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(outboundRules, { workspace: managed, rules: [given] })).toBe(expected);
  });
});
